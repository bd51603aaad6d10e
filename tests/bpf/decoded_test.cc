#include <ostream>
#include <string>

#include "bpf/meter_fixture.h"

namespace weir::test {
namespace {

/// A frame and the flow that it must be counted in.
struct Shape {
  std::string name;
  PacketBuilder packet;
  std::uint8_t protocol;
  std::uint16_t source_port, destination_port;
  std::uint64_t payload;
  std::uint16_t vlan = 0;
};
void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }

PacketBuilder v4() { return PacketBuilder().ip4("10.1.2.3", "192.0.2.7"); }
PacketBuilder v6() { return PacketBuilder().ip6("2001:db8::1:2", "2001:db8:ffff::7"); }

std::vector<Shape> shapes_of_ip4() {
  return {
      {"tcp", v4().tcp(40000, 443).payload(100), 6, 40000, 443, 100},
      {"tcp_options", v4().tcp(40000, 443, kSyn, 40).payload(5), 6, 40000, 443, 5},
      {"udp", v4().udp(5353, 53).payload(4), 17, 5353, 53, 4},
      {"udp_lite", v4().udp_lite(1, 65535).payload(9), 136, 1, 65535, 9},
      {"sctp", v4().sctp(2905, 2906).payload(16), 132, 2905, 2906, 20},  // chunks begin behind 12 bytes; 8 are counted
      {"icmp_echo", v4().icmp(8, 0).payload(56), 1, 0, 0x0800, 56},
      {"icmp_port_unreachable", v4().icmp(3, 3).payload(28), 1, 0, 0x0303, 28},
      {"gre", v4().protocol(47).payload(30), 47, 0, 0, 30},
      {"no_payload", v4().tcp(1, 2), 6, 1, 2, 0},
      {"options", v4().ip4_options(40).udp(7, 8).payload(3), 17, 7, 8, 3},
      {"first_fragment", v4().fragment(0, true).udp(7, 8).payload(64), 17, 7, 8, 64},
      {"later_fragment", v4().fragment(64, false).protocol(17).payload(64), 17, 0, 0, 64},
      {"later_fragment_of_tcp", v4().fragment(64, true).protocol(6).payload(8), 6, 0, 0, 8},
      {"padding_is_no_payload", v4().udp(7, 8).payload(2).pad_to(60), 17, 7, 8, 2},
      {"length_promises_more_than_there_is", v4().udp(7, 8).payload(10).claim_ip_length(1500), 17, 7, 8, 10},
      {"length_ends_inside_the_header", v4().tcp(7, 8).claim_ip_length(30), 6, 7, 8, 0},
      {"length_zero_of_a_merged_frame", v4().tcp(7, 8).payload(999).claim_ip_length(0), 6, 7, 8, 999},
      {"vlan", PacketBuilder().vlan(7).ip4("10.1.2.3", "192.0.2.7").udp(7, 8).payload(1), 17, 7, 8, 1, 7},
      {"vlan_id_without_priority", PacketBuilder().vlan(0xe00a).ip4("10.1.2.3", "192.0.2.7").udp(7, 8), 17, 7, 8, 0, 10},
      {"qinq_counts_the_inner_id", PacketBuilder().service_vlan(5).vlan(9).ip4("10.1.2.3", "192.0.2.7").udp(7, 8), 17, 7, 8,
       0, 9},
  };
}

std::vector<Shape> shapes_of_ip6() {
  return {
      {"tcp", v6().tcp(40000, 443, kAck, 12).payload(100), 6, 40000, 443, 100},
      {"udp", v6().udp(5353, 53).payload(4), 17, 5353, 53, 4},
      {"icmp6_neighbour_solicitation", v6().icmp(135, 0).payload(24), 58, 0, 135 << 8, 24},
      {"nothing_follows", v6().payload(12), 59, 0, 0, 12},
      {"hop_by_hop", v6().hop_by_hop().udp(7, 8).payload(3), 17, 7, 8, 3},
      {"long_extension", v6().hop_by_hop(64).tcp(7, 8).payload(3), 6, 7, 8, 3},
      {"routing", v6().routing(24).udp(7, 8).payload(3), 17, 7, 8, 3},
      {"authentication", v6().authentication(24).udp(7, 8).payload(3), 17, 7, 8, 3},
      {"four_extensions", v6().hop_by_hop().destination_options(16).routing(24).destination_options().udp(7, 8).payload(3),
       17, 7, 8, 3},
      {"first_fragment", v6().fragment(0, true).udp(7, 8).payload(64), 17, 7, 8, 64},
      {"later_fragment", v6().fragment(64, true).protocol(17).payload(64), 17, 0, 0, 64},
      {"padding_is_no_payload", v6().udp(7, 8).payload(2).pad_to(80), 17, 7, 8, 2},
      {"length_promises_more_than_there_is", v6().udp(7, 8).payload(10).claim_ip_length(1500), 17, 7, 8, 10},
      {"qinq", PacketBuilder().service_vlan(5).vlan(4094).ip6("2001:db8::1:2", "2001:db8:ffff::7").udp(7, 8), 17, 7, 8, 0,
       4094},
  };
}

class Decoded : public MeterTest, public testing::WithParamInterface<Shape> {
 protected:
  void expect_counted(bool is_v6) {
    const Shape& shape = GetParam();
    const Bytes frame = shape.packet.build();
    const FlowRecord flow = flow_of(frame);
    EXPECT_EQ(flow.key.source.to_string(), is_v6 ? "2001:db8::1:2" : "10.1.2.3");
    EXPECT_EQ(flow.key.destination.to_string(), is_v6 ? "2001:db8:ffff::7" : "192.0.2.7");
    EXPECT_EQ(flow.key.protocol, shape.protocol);
    EXPECT_EQ(flow.key.source_port, shape.source_port);
    EXPECT_EQ(flow.key.destination_port, shape.destination_port);
    EXPECT_EQ(flow.key.origin, shape.vlan);
    EXPECT_EQ(flow.packets, 1u);
    EXPECT_EQ(flow.bytes, frame.size());
    EXPECT_EQ(payload_bytes(flow), shape.payload);
  }
};
class DecodedIp4 : public Decoded {};
class DecodedIp6 : public Decoded {};

TEST_P(DecodedIp4, IsCountedInItsFlow) { expect_counted(false); }
TEST_P(DecodedIp6, IsCountedInItsFlow) { expect_counted(true); }

std::string name_of(const testing::TestParamInfo<Shape>& shape) { return shape.param.name; }
INSTANTIATE_TEST_SUITE_P(Shape, DecodedIp4, testing::ValuesIn(shapes_of_ip4()), name_of);
INSTANTIATE_TEST_SUITE_P(Shape, DecodedIp6, testing::ValuesIn(shapes_of_ip6()), name_of);

using Frame = MeterTest;

TEST_F(Frame, OfSeveralBuffersIsCountedWhole) {
  const Bytes jumbo = v4().tcp(1, 2).payload(8946).build();  // 9,000 bytes of IP: more than a page
  const FlowRecord flow = flow_of(jumbo);
  EXPECT_EQ(flow.bytes, jumbo.size());
  EXPECT_EQ(flow.sum_squared_bytes, jumbo.size() * jumbo.size());
  EXPECT_EQ(payload_bytes(flow), 8946u);
}

TEST_F(Frame, IsCountedAlikeByTheProgramForSingleBuffers) {
  choose_program("weir_plain");
  load();
  const FlowRecord flow = flow_of(PacketBuilder().vlan(3).ip6().hop_by_hop().udp(9, 10).payload(700).build());
  EXPECT_EQ(flow.key.destination_port, 10);
  EXPECT_EQ(flow.key.origin, 3);
  EXPECT_EQ(payload_bytes(flow), 700u);
}

TEST_F(Frame, KeyTellsDirectionsApart) {
  send(PacketBuilder().ip4("10.0.0.1", "10.0.0.2").udp(5, 6).build());
  send(PacketBuilder().ip4("10.0.0.2", "10.0.0.1").udp(6, 5).build());
  EXPECT_EQ(drain().flows.size(), 2u);
}

}  // namespace
}  // namespace weir::test
