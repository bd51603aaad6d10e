#include <ostream>
#include <set>
#include <string>

#include "bpf/meter_fixture.h"

namespace weir::test {
namespace {

constexpr const char *kOuterSource = "198.51.100.1", *kInnerSource = "10.1.2.3";

PacketBuilder outer4() { return PacketBuilder().ip4(kOuterSource, "198.51.100.2"); }
PacketBuilder outer6() { return PacketBuilder().ip6("2001:db8:ff::1", "2001:db8:ff::2"); }
PacketBuilder inner(PacketBuilder tunnel) { return tunnel.ip4(kInnerSource, "192.0.2.7").tcp(40000, 443, kSyn).payload(9); }
PacketBuilder inner6(PacketBuilder tunnel) { return tunnel.ip6("2001:db8::1:2", "2001:db8::7").udp(7, 8).payload(9); }

PacketBuilder labels(int count) {
  PacketBuilder out;
  while (count-- > 0) out.mpls(1000);
  return out;
}

struct Shape {
  std::string name;
  PacketBuilder packet;
  std::uint16_t vlan = 0;
};
void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }
std::string name_of(const testing::TestParamInfo<Shape>& shape) { return shape.param.name; }

constexpr std::uint16_t kChecksum = 0x8000, kRouting = 0x4000, kKey = 0x2000, kSequence = 0x1000, kPptp = 1;

/// Each holds inner(): a SYN of 10.1.2.3, with 9 bytes.
const std::vector<Shape> kWithOuterFlow = {
    {"vxlan", inner(outer4().vxlan())},
    {"vxlan_over_ip6", inner(outer6().vxlan())},
    {"vxlan_of_a_tagged_frame", inner(outer4().vxlan().vlan(9))},
    {"vxlan_of_a_doubly_tagged_frame", inner(outer4().vxlan().service_vlan(8).vlan(9))},
    {"vxlan_in_a_vlan", inner(PacketBuilder().vlan(5).ip4(kOuterSource, "198.51.100.2").vxlan().vlan(9)), 5},
    {"gre", inner(outer4().gre())},
    {"gre_over_ip6_with_options", inner(outer6().destination_options().gre())},
    {"gre_with_checksum", inner(outer4().gre(kChecksum))},
    {"gre_with_key", inner(outer4().gre(kKey))},
    {"gre_with_sequence", inner(outer4().gre(kSequence))},
    {"gre_with_all_fields", inner(outer4().gre(kChecksum | kKey | kSequence))},
    {"gre_of_ethernet", inner(outer4().gre().ethernet())},
    {"nvgre", inner(outer4().gre(kKey).ethernet().vlan(3))},
    {"gre_of_a_label", inner(outer4().gre().mpls(16))},
    {"ip4_in_ip4", inner(outer4())},
    {"ip4_in_ip6", inner(outer6())},
    {"outer_options", inner(outer4().ip4_options(24).gre())},
    {"vxlan_in_gre_in_ip_in_ip", inner(outer4().ip4("198.51.100.3", "198.51.100.4").gre().ip4("198.51.100.5").vxlan())},
    {"labels_in_vxlan", inner(outer4().vxlan().mpls(16).mpls(17))},
    {"pppoe_in_vxlan", inner(outer4().vxlan().pppoe())},
};
const std::vector<Shape> kWithoutOuterFlow = {
    {"one_label", inner(labels(1))},
    {"label_of_explicit_null", inner(PacketBuilder().mpls(0))},

    {"eight_labels", inner(labels(8))},
    {"label_in_a_vlan", inner(PacketBuilder().service_vlan(4).vlan(5).mpls(16)), 5},
    {"pppoe", inner(PacketBuilder().pppoe())},
    {"pppoe_compressed", inner(PacketBuilder().compressed_pppoe())},
    {"pppoe_in_a_vlan", inner(PacketBuilder().vlan(7).pppoe()), 7},
};

std::vector<Shape> all_shapes() {
  std::vector<Shape> out = kWithOuterFlow;
  out.insert(out.end(), kWithoutOuterFlow.begin(), kWithoutOuterFlow.end());
  return out;
}

class AllTunnels : public MeterTest {
 public:
  AllTunnels() { choose_tunnels(kAllTunnels); }
};
class Opened : public AllTunnels, public testing::WithParamInterface<Shape> {};

TEST_P(Opened, CountsWhatIsInsideByTheWiresLength) {
  const Bytes frame = GetParam().packet.build();
  const FlowRecord flow = flow_of(frame);
  EXPECT_EQ(flow.key.source.to_string(), kInnerSource);
  EXPECT_EQ(flow.key.destination.to_string(), "192.0.2.7");
  EXPECT_EQ(flow.key.protocol, 6);
  EXPECT_EQ(flow.key.source_port, 40000);
  EXPECT_EQ(flow.key.destination_port, 443);
  EXPECT_EQ(flow.key.origin, GetParam().vlan);
  EXPECT_EQ(flow.tcp_flags(), kSyn);
  EXPECT_EQ(flow.events[WEIR_EVENT_SYN], 1);
  EXPECT_EQ(flow.bytes, frame.size());
  EXPECT_EQ(payload_bytes(flow), 9u);
}

/// One packet each, in a flow that is really there or in none, and no byte of it is lost.
TEST_P(Opened, CutAnywhereIsCountedOnce) {
  const Bytes whole = GetParam().packet.build();
  std::size_t sent_bytes = 0;
  for (std::size_t size = 14; size <= whole.size(); ++size) {
    send(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    sent_bytes += size;
  }
  const Snapshot snapshot = drain();
  EXPECT_EQ(snapshot.totals.seen_packets, whole.size() - 13);
  EXPECT_EQ(snapshot.totals.seen_bytes, sent_bytes);
  const std::set<std::string> there = {kInnerSource, kOuterSource, "2001:db8:ff::1", "198.51.100.3", "198.51.100.5"};
  std::uint64_t inner_packets = 0;
  for (const FlowRecord& flow : snapshot.flows) {
    EXPECT_TRUE(there.count(flow.key.source.to_string())) << flow.key.source.to_string();
    if (flow.key.source.to_string() == kInnerSource) inner_packets += flow.packets;
  }
  // What has the whole TCP header; but under labels only the packet whose length fits is taken for one.
  EXPECT_EQ(inner_packets, GetParam().name.find("label") == std::string::npos ? 10u : 1u);
}
INSTANTIATE_TEST_SUITE_P(Tunnel, Opened, testing::ValuesIn(all_shapes()), name_of);

TEST_F(AllTunnels, HoldIp6AsWell) {
  for (const PacketBuilder& tunnel : {outer4().vxlan(), outer4().gre(), outer4(), outer6(), labels(2),
                                      PacketBuilder().pppoe(), PacketBuilder().compressed_pppoe()}) {
    const Bytes frame = inner6(tunnel).build();
    const FlowRecord flow = flow_of(frame);
    EXPECT_EQ(flow.key.source.to_string(), "2001:db8::1:2");
    EXPECT_EQ(flow.key.destination_port, 8);
    EXPECT_EQ(flow.bytes, frame.size());
    EXPECT_EQ(payload_bytes(flow), 9u);
  }
}

TEST_F(AllTunnels, InnerFragmentsAreFragments) {
  const FlowRecord flow = flow_of(outer4().gre().ip4(kInnerSource).fragment(64, true).protocol(17).payload(64).build());
  EXPECT_EQ(flow.key.source.to_string(), kInnerSource);
  EXPECT_EQ(flow.key.destination_port, 0);
  EXPECT_EQ(payload_bytes(flow), 64u);
}

TEST_F(AllTunnels, LeaveNothingOfTheOuterFlowBehind) {
  const FlowRecord flow = flow_of(outer6().vxlan().ip4(kInnerSource).protocol(89).payload(20).build());
  EXPECT_EQ(flow.key.source.to_string(), kInnerSource);
  EXPECT_EQ(flow.key.source_port, 0) << "VXLAN's ports";
  EXPECT_EQ(flow.key.destination_port, 0);
  EXPECT_EQ(flow.tcp_flags(), 0);
}

TEST_F(AllTunnels, AreFollowedFourDeep) {
  for (int tunnels = 1; tunnels <= 40; ++tunnels) {
    PacketBuilder packet = PacketBuilder().ip4("198.51.100.0");
    for (int i = 1; i <= tunnels; ++i) packet.ip4("198.51.100." + std::to_string(i));
    const FlowRecord flow = flow_of(packet.udp(1, 2).payload(3).build());
    EXPECT_EQ(flow.key.source.to_string(), "198.51.100." + std::to_string(std::min(tunnels, 4)));
    EXPECT_EQ(flow.key.protocol, tunnels <= 4 ? 17 : 4);
  }
}

TEST_F(AllTunnels, SampleWhatIsInside) {
  load(kSmall, 2000);
  send(outer4().vxlan().ip4(kInnerSource).udp(1, 2).payload("inside").build());
  const Snapshot tick = drain();
  ASSERT_EQ(tick.samples.size(), 1u);
  EXPECT_EQ(std::string(tick.samples[0].head.begin(), tick.samples[0].head.begin() + tick.samples[0].size), "inside");
  EXPECT_EQ(tick.samples[0].key.source.to_string(), kInnerSource);
}

/// Frames of the outer flow whose inside cannot be told. The flow of the tunnel counts.
const std::vector<Shape> kShut = {
    {"first_fragment", inner(outer4().fragment(0, true))},
    {"first_fragment_of_gre", inner(outer4().fragment(0, true).gre())},
    {"first_fragment_of_vxlan", inner(outer4().fragment(0, true).vxlan())},
    {"later_fragment", inner(outer4().fragment(64, false).gre())},
    {"vxlan_without_a_network", inner(outer4().vxlan(0))},
    {"vxlan_of_arp", outer4().vxlan().ethertype(0x0806).payload(28)},
    {"vxlan_with_three_tags", inner(outer4().vxlan().vlan(1).vlan(2).vlan(3))},
    {"gre_with_routes", inner(outer4().gre(kRouting))},
    {"gre_of_pptp", inner(outer4().gre(kPptp))},
    {"gre_keepalive", outer4().gre()},
    {"gre_of_something_else", outer4().gre().ethertype(0x9999).payload(40)},
    {"gre_of_a_pseudowire", outer4().gre().mpls(16).payload(std::string(60, '\0'))},
    {"gre_of_nine_labels", inner(outer4().gre().mpls(1).mpls(1).mpls(1).mpls(1).mpls(1).mpls(1).mpls(1).mpls(1).mpls(1))},
    {"inner_version", outer4().ip4(kInnerSource).udp(1, 2).claim_ip_version(7)},
    {"inner_header_of_16_bytes", outer4().ip4(kInnerSource).udp(1, 2).claim_ip4_header(4)},
    {"inner_length_below_the_header", outer4().ip4(kInnerSource).udp(1, 2).claim_ip_length(19)},
    {"inner_extension_chain", outer4().ip6().routing().routing().routing().routing().routing().udp(1, 2)},
    {"inner_ports_cut", outer4().ip4(kInnerSource).udp(1, 2).cut_to(14 + 20 + 20 + 7)},
    {"esp", outer4().protocol(50).payload(80)},
    {"geneve", outer4().udp(1, 6081).payload(80)},
    {"vxlan_port_as_source", outer4().udp(4789, 1).payload(80)},
    {"vxlan_port_of_tcp", outer4().tcp(1, 4789).payload(80)},
    {"vxlan_port_of_udp_lite", outer4().udp_lite(1, 4789).payload(80)},
};
class Shut : public AllTunnels, public testing::WithParamInterface<Shape> {};

TEST_P(Shut, CountsAsTheOuterFlow) {
  const Bytes frame = GetParam().packet.build();
  const FlowRecord flow = flow_of(frame);
  EXPECT_EQ(flow.key.source.to_string(), kOuterSource);
  EXPECT_EQ(flow.key.destination.to_string(), "198.51.100.2");
  EXPECT_EQ(flow.packets, 1u);
  EXPECT_EQ(flow.bytes, frame.size());
}
INSTANTIATE_TEST_SUITE_P(Tunnel, Shut, testing::ValuesIn(kShut), name_of);

TEST_F(AllTunnels, WhatIsInsideOfTheSecondCountsAsTheFirstsInside) {
  const Bytes frame = outer4().gre().ip4("198.51.100.3", "198.51.100.4").gre(kRouting).payload(30).build();
  const FlowRecord flow = flow_of(frame);
  EXPECT_EQ(flow.key.source.to_string(), "198.51.100.3");
  EXPECT_EQ(flow.key.protocol, 47);
  EXPECT_EQ(payload_bytes(flow), 34u);
}

TEST_F(AllTunnels, FragmentsStayInTheFlowOfTheirPacket) {
  for (const bool is_v6 : {false, true}) {
    const auto packet = [&] { return is_v6 ? outer6() : outer4(); };
    send(inner(packet().fragment(0, true)).build());
    send(packet().fragment(48, true).protocol(4).payload(48).build());
    send(packet().fragment(40, false).protocol(4).payload(48).build());  // overlaps the one before
    const Snapshot snapshot = drain();
    ASSERT_EQ(snapshot.flows.size(), 1u);
    EXPECT_EQ(snapshot.flows[0].packets, 3u);
    EXPECT_EQ(snapshot.flows[0].key.protocol, 4);
  }
}

TEST_F(AllTunnels, FragmentThatIsAllOfItsPacketIsOpened) {
  EXPECT_EQ(flow_of(inner(outer6().fragment(0, false)).build()).key.source.to_string(), kInnerSource);
}

class OneByOne : public MeterTest, public testing::WithParamInterface<std::size_t> {
 protected:
  bool is_opened(const PacketBuilder& packet) {
    send(packet.build());
    const Snapshot tick = drain();
    EXPECT_EQ(tick.totals.seen_packets, 1u);
    return !tick.flows.empty() && tick.flows[0].key.source.to_string() == kInnerSource;
  }
};

TEST_P(OneByOne, OpensWhatItIsToldToAndNothingElse) {
  const Tunnel mine = kAllTunnels[GetParam()];
  choose_tunnels({mine});
  load();
  EXPECT_EQ(is_opened(inner(outer4().vxlan())), mine == Tunnel::kVxlan);
  EXPECT_EQ(is_opened(inner(outer6().gre(kKey).ethernet())), mine == Tunnel::kGre);
  EXPECT_EQ(is_opened(inner(outer4())), mine == Tunnel::kIpInIp);
  EXPECT_EQ(is_opened(inner(outer6())), mine == Tunnel::kIpInIp);
  EXPECT_EQ(is_opened(inner(PacketBuilder().mpls(3))), mine == Tunnel::kMpls);
  EXPECT_EQ(is_opened(inner(PacketBuilder().pppoe())), mine == Tunnel::kPppoe);
  EXPECT_FALSE(is_opened(inner(outer4().gre().mpls(3)))) << "takes two";
  EXPECT_FALSE(is_opened(inner(outer4().vxlan().pppoe()))) << "takes two";
}
INSTANTIATE_TEST_SUITE_P(Tunnel, OneByOne, testing::Range(std::size_t{0}, kAllTunnels.size()));

class NoTunnels : public MeterTest {
 public:
  NoTunnels() { choose_tunnels({}); }
};

TEST_F(NoTunnels, CountAsTheyAreOutside) {
  for (const Shape& shape : kWithOuterFlow) {
    const Bytes frame = shape.packet.build();
    const FlowRecord flow = flow_of(frame);
    EXPECT_NE(flow.key.source.to_string(), kInnerSource) << shape.name;
    EXPECT_EQ(flow.bytes, frame.size()) << shape.name;
  }
  for (const Shape& shape : kWithoutOuterFlow) {
    send(shape.packet.build());
    const Snapshot tick = drain();
    EXPECT_EQ(tick.totals.undecoded_packets[WEIR_MPLS] + tick.totals.undecoded_packets[WEIR_PPPOE], 1u) << shape.name;
  }
}

}  // namespace
}  // namespace weir::test
