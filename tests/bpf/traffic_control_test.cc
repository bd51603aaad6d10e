#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "bpf/meter_fixture.h"

namespace weir::test {
namespace {

/// A frame as the stack has merged it: headers and all payload in one.
struct Merged {
  std::uint32_t segment_payload = 0;  ///< of all segments but the last; 0: not merged
  std::uint32_t segments = 0;         ///< 0: unknown, as in frames of virtual machines
  std::uint32_t wire_bytes = 0;       ///< 0: unknown, as on arrival
};

class TrafficControl : public MeterTest {
 public:
  TrafficControl() { choose_program(""); }

 protected:
  void send_tc(int program, const Bytes& frame, const Merged& merged = {}) {
    __sk_buff context{};
    context.gso_size = merged.segment_payload;
    context.gso_segs = merged.segments;
    context.wire_len = merged.wire_bytes;
    Bytes out(frame.size());
    bpf_test_run_opts run{};
    run.sz = sizeof run;
    run.data_in = frame.data();
    run.data_size_in = static_cast<__u32>(frame.size());
    run.data_out = out.data();
    run.data_size_out = static_cast<__u32>(out.size());
    run.ctx_in = &context;
    run.ctx_size_in = sizeof context;
    ASSERT_EQ(bpf_prog_test_run_opts(program, &run), 0) << frame.size() << " bytes: " << std::strerror(errno);
    ASSERT_EQ(static_cast<int>(run.retval), TC_ACT_UNSPEC) << "the verdict is others'";
    EXPECT_EQ(out, frame);
  }

  /// Sends each packet of the wire through XDP and the merged frame through tc: all but the direction must agree.
  void expect_same(const std::vector<Bytes>& wire, const Bytes& frame, const Merged& merged) {
    for (const Bytes& packet : wire) send(packet);
    const Snapshot apart = drain();
    send_tc(meter().egress_program(), frame, merged);
    const Snapshot together = drain();
    ASSERT_EQ(apart.flows.size(), 1u);
    ASSERT_EQ(together.flows.size(), 1u);
    const FlowRecord &a = apart.flows[0], &b = together.flows[0];
    EXPECT_EQ(b.key.origin, a.key.origin | WEIR_ORIGIN_LEAVING);
    EXPECT_EQ(b.packets, a.packets);
    EXPECT_EQ(b.bytes, a.bytes);
    EXPECT_EQ(b.sum_squared_bytes, a.sum_squared_bytes);
    EXPECT_EQ(b.overhead_bytes, a.overhead_bytes);
    EXPECT_EQ(b.events, a.events);
    EXPECT_EQ(together.totals.seen_packets, wire.size());
    EXPECT_EQ(together.totals.seen_bytes, apart.totals.seen_bytes);
  }
};

PacketBuilder tcp4(std::uint8_t flags) { return PacketBuilder().ip4().tcp(7, 443, flags, 12); }
PacketBuilder tcp6(std::uint8_t flags) { return PacketBuilder().ip6().hop_by_hop().tcp(7, 443, flags, 12); }
constexpr std::uint8_t kCwr = 0x80;

TEST_F(TrafficControl, DirectionIsPartOfTheOrigin) {
  const Bytes frame = PacketBuilder().vlan(12).ip4().udp(1, 2).payload(20).build();
  send_tc(meter().ingress_program(), frame);
  send_tc(meter().egress_program(), frame);
  const Snapshot tick = drain();
  ASSERT_EQ(tick.flows.size(), 2u);
  std::array origins = {tick.flows[0].key.origin, tick.flows[1].key.origin};
  std::sort(origins.begin(), origins.end());
  EXPECT_EQ(origins, (std::array<std::uint16_t, 2>{12, 0x8000 + 12}));
}

TEST_F(TrafficControl, CountsAnUnmergedFrameAsXdpDoes) {
  for (const Bytes& frame : {tcp4(kAck).payload(0).build(), tcp4(kSyn).build(), tcp6(kFin | kAck).payload(900).build(),
                             PacketBuilder().ip4().udp(1, 2).payload(5).pad_to(60).build(),
                             PacketBuilder().ip6().icmp(128, 0).payload(40).build()})
    expect_same({frame}, frame, {});
}

TEST_F(TrafficControl, CountsAMergedFrameAsWhatTheWireCarries) {
  for (const auto& tcp : {tcp4, tcp6}) {
    const Bytes frame = tcp(kAck | kPsh | kFin | kCwr).payload(2500).build();
    const auto header = static_cast<std::uint32_t>(frame.size() - 2500);
    const std::vector<Bytes> wire = {tcp(kAck | kCwr).payload(1000).build(), tcp(kAck).payload(1000).build(),
                                     tcp(kAck | kPsh | kFin).payload(500).build()};
    expect_same(wire, frame, {1000, 3, static_cast<std::uint32_t>(frame.size()) + 2 * header});
    expect_same(wire, frame, {1000, 3, 0});  // arrived: nobody has computed the wire's bytes
    expect_same(wire, frame, {1000, 0, 0});  // of a virtual machine
  }
}

TEST_F(TrafficControl, CountsAllSegmentsOfEqualSize) {
  const Bytes segment = PacketBuilder().ip4().udp(1, 2).payload(100).build();
  const Bytes frame = PacketBuilder().ip4().udp(1, 2).payload(2000).build();
  expect_same(std::vector<Bytes>(20, segment), frame, {100, 20, 0});  // more than one batch
}

class MergedTunnel : public TrafficControl, public testing::WithParamInterface<bool> {};

PacketBuilder in_tunnel(int kind, std::uint8_t flags) {
  PacketBuilder outer = PacketBuilder().ip4("198.51.100.1", "198.51.100.2");
  switch (kind) {
    case 0:
      return outer.vxlan().vlan(3).ip4().tcp(7, 443, flags, 12);
    case 1:
      return outer.gre(0xb000).ip6().tcp(7, 443, flags, 12);
    case 2:
      return outer.gre().ethernet().ip4().tcp(7, 443, flags);
    case 3:
      return outer.ip4().tcp(7, 443, flags, 12);
    case 4:
      return outer.gre().ip4().vxlan().ip4().tcp(7, 443, flags, 12);
    default:
      return outer.ip6().udp(7, 443);
  }
}

/// The same by the outer flow and by the inner one; whatever the stack says of the wire's length, for old kernels know only
/// the outer headers, and on arrival nobody knows.
TEST_P(MergedTunnel, CountsAsWhatTheWireCarries) {
  if (GetParam()) choose_tunnels(kAllTunnels);
  load();
  for (int kind = 0; kind <= 5; ++kind) {
    const auto tunnel = [kind](std::uint8_t flags) { return in_tunnel(kind, flags); };
    const Bytes frame = tunnel(kAck | kPsh | kFin).payload(2500).build();
    const auto size = static_cast<std::uint32_t>(frame.size());
    const std::vector<Bytes> wire = {tunnel(kAck).payload(1000).build(), tunnel(kAck).payload(1000).build(),
                                     tunnel(kAck | kPsh | kFin).payload(500).build()};
    for (const std::uint32_t wire_bytes : {0u, size + 2 * (size - 2500), size + 2 * 34}) {
      SCOPED_TRACE(std::to_string(kind) + ", " + std::to_string(wire_bytes) + " bytes on the wire");
      expect_same(wire, frame, {1000, 3, wire_bytes});
      expect_same(wire, frame, {1000, 0, wire_bytes});
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Flow, MergedTunnel, testing::Bool(),
                         [](const testing::TestParamInfo<bool>& is_inner) { return is_inner.param ? "Inner" : "Outer"; });

TEST_F(TrafficControl, TakesTheHeadersOfATunnelFromTheStack) {
  // Outer headers of 42 bytes, 50 more of what is no VXLAN: each segment repeats both, the flow is the outer one.
  const Bytes frame = PacketBuilder().ip4().udp(1, 4789).payload(50 + 2000).build();
  const Bytes segment = PacketBuilder().ip4().udp(1, 4789).payload(50 + 1000).build();
  expect_same({segment, segment}, frame, {1000, 2, static_cast<std::uint32_t>(frame.size()) + 92});
}

TEST_F(TrafficControl, CountsSegmentsOfWhatItCannotDecode) {
  const Bytes frame = PacketBuilder().ethertype(0x88cc).payload(500).build();
  send_tc(meter().egress_program(), frame, {100, 5, 600});
  const Snapshot tick = drain();
  EXPECT_EQ(tick.totals.undecoded_packets[WEIR_LINK_CONTROL], 5u);
  EXPECT_EQ(tick.totals.undecoded_bytes[WEIR_LINK_CONTROL], 600u);
}

TEST_F(TrafficControl, SizesThatLieAddUpToTheFrame) {
  const Bytes frame = PacketBuilder().ip4().udp(1, 2).payload(958).build();  // 1,000 bytes
  for (const Merged& merged : {Merged{65535, 1, 0}, Merged{65535, 7, 0}, Merged{1, 1, 0}, Merged{1, 65535, 1000},
                               Merged{2000, 2, 65536}, Merged{959, 3, 1001}, Merged{0, 9, 2000}}) {
    send_tc(meter().egress_program(), frame, merged);
    const Snapshot tick = drain();
    EXPECT_GE(tick.totals.seen_bytes, 1000u);
    EXPECT_GE(tick.totals.seen_packets, 1u);
    EXPECT_EQ(tick.totals.flow_packets, tick.totals.seen_packets);
  }
}

TEST_F(TrafficControl, SamplesAMergedFrameOnce) {
  load(kSmall, 2000);
  const Bytes frame = PacketBuilder().ip4().udp(1, 2).payload(2000).build();
  send_tc(meter().egress_program(), frame, {1000, 2, 0});
  const Snapshot tick = drain();
  ASSERT_EQ(tick.samples.size(), 1u);
  EXPECT_EQ(tick.samples[0].size, WEIR_SAMPLE_BYTES);
  EXPECT_TRUE(std::equal(tick.samples[0].head.begin(), tick.samples[0].head.end(), frame.begin() + 42));
  EXPECT_EQ(tick.samples[0].payload_bytes, 1000u);
}

TEST_F(TrafficControl, AnswersStayOutOfAllSums) {
  load(kSmall, 2000);
  const Bytes frame = PacketBuilder().ip4().tcp(80, 5000).payload(2000).build();
  meter().set_answers(0, true);
  send_tc(meter().egress_program(), frame, {1000, 2, 0});
  send_tc(meter().egress_program(), PacketBuilder().ethertype(0x0806).payload(30).build());
  send(frame);  // arrives: counts
  const Snapshot tick = drain();
  EXPECT_EQ(tick.totals.seen_packets, 1u);
  EXPECT_EQ(tick.totals.flow_packets, 1u);
  EXPECT_EQ(tick.totals.flow_bytes, frame.size());
  EXPECT_EQ(tick.totals.flow_records, 1u);
  EXPECT_EQ(tick.totals.all_undecoded_packets(), 0u);
  EXPECT_EQ(tick.totals.answer_packets, 2u);
  EXPECT_EQ(tick.totals.answer_bytes, frame.size() + 54);
  ASSERT_EQ(tick.flows.size(), 1u);
  EXPECT_FALSE(is_leaving(tick.flows[0].key.origin));
  ASSERT_EQ(tick.answers.size(), 1u);
  EXPECT_EQ(tick.answers[0].packets, 2u);
  EXPECT_EQ(tick.answers[0].key.source_port, 80);
  EXPECT_EQ(tick.samples.size(), 1u);
}

TEST_F(TrafficControl, AnswersThatFindNoSlotAreCountedApart) {
  load({.sets4 = 1, .sets6 = 1, .host_sets = 1, .filter_words = 1});
  meter().set_answers(0, true);
  for (std::uint16_t port = 1; port <= 100; ++port)
    send_tc(meter().egress_program(), PacketBuilder().ip4().tcp(80, port).build());
  const Snapshot tick = drain();
  EXPECT_EQ(tick.totals.answer_packets, 100u);
  EXPECT_GT(tick.totals.answer_overflow_packets, 0u);
  EXPECT_EQ(tick.totals.answer_record_packets + tick.totals.answer_overflow_packets, 100u);
  EXPECT_EQ(tick.totals.overflow_packets, 0u);
  EXPECT_TRUE(tick.overflow_hosts.empty());
}

TEST_F(TrafficControl, FramesAboveTheLimitCountAsMerged) {
  meter().set_frame_limit(0, 1522);
  const Bytes fits = PacketBuilder().ip4().udp(1, 2).payload(1480).build();
  ASSERT_EQ(fits.size(), 1522u);
  send(fits);
  EXPECT_EQ(drain().totals.merged_frames[0], 0u);
  send(PacketBuilder().ip4().udp(1, 2).payload(1481).build(), 3);
  const Snapshot tick = drain();
  EXPECT_EQ(tick.totals.merged_frames[0], 3u);
  EXPECT_EQ(tick.totals.flow_packets, 3u);
}

}  // namespace
}  // namespace weir::test
