#include <algorithm>
#include <map>

#include "bpf/meter_fixture.h"
#include "support/snapshot_sums.h"

namespace weir::test {
namespace {

using Counters = MeterTest;

TEST_F(Counters, SumsAreThoseOfTheFrames) {
  std::uint64_t packets = 0, bytes = 0, squares = 0, payload = 0;
  for (const std::size_t size : {0u, 1u, 17u, 700u, 1400u, 17u}) {
    const Bytes frame = PacketBuilder().ip6().tcp(5, 6, kAck, 12).payload(size).build();
    send(frame, 3);
    packets += 3;
    bytes += 3 * frame.size();
    squares += 3 * frame.size() * frame.size();
    payload += 3 * size;
  }
  const Snapshot snapshot = drain();
  ASSERT_EQ(snapshot.flows.size(), 1u);
  EXPECT_EQ(snapshot.flows[0].packets, packets);
  EXPECT_EQ(snapshot.flows[0].bytes, bytes);
  EXPECT_EQ(snapshot.flows[0].sum_squared_bytes, squares);
  EXPECT_EQ(payload_bytes(snapshot.flows[0]), payload);
  EXPECT_EQ(snapshot.totals.seen_packets, packets);
  EXPECT_EQ(snapshot.totals.seen_bytes, bytes);
  EXPECT_EQ(snapshot.totals.flow_bytes, bytes);
}

TEST_F(Counters, NextGenerationBeginsAtZero) {
  const Bytes frame = PacketBuilder().ip4().udp(5, 6).build();
  send(frame, 9);
  drain();
  EXPECT_EQ(flow_of(frame).packets, 1u);
  EXPECT_TRUE(drain().flows.empty());
}

using Stash = MeterTest;

TEST_F(Stash, FullBatchIsAccountedInTheKernel) {
  send(PacketBuilder().ip4().udp(5, 6).build(), WEIR_BATCH);
  const Snapshot snapshot = drain();
  EXPECT_EQ(snapshot.totals.stash_packets, 0u);
  EXPECT_EQ(snapshot.totals.flow_packets, 16u);
}

TEST_F(Stash, LeftoversAreFinishedByTheDaemon) {
  send(PacketBuilder().ip4().udp(5, 6).build(), WEIR_BATCH - 3);
  send(PacketBuilder().ip6().udp(5, 6).build(), 5);
  const Snapshot snapshot = drain();
  EXPECT_EQ(snapshot.totals.stash_packets, 2u);
  EXPECT_EQ(snapshot.totals.flow_packets, 18u);
  EXPECT_EQ(snapshot.flows.size(), 2u);
}

TEST_F(Stash, NewTickFlushesABatchThatWaits) {
  const Bytes frame = PacketBuilder().ip4().udp(5, 6).build();
  send(frame, 4);
  set_time(kSecond_ns + 8 * kMillisecond_ns);
  send(frame);
  const Snapshot snapshot = drain();
  EXPECT_EQ(snapshot.totals.stash_packets, 0u);
  EXPECT_EQ(snapshot.totals.flow_packets, 5u);
}

TEST_F(Stash, BatchOfBothFamiliesKeepsThemApart) {
  for (std::uint16_t i = 0; i < WEIR_BATCH; ++i) {
    PacketBuilder b;
    i % 3 == 0 ? b.ip6("2001:db8::a", "2001:db8::b") : b.ip4("10.0.0.1", "10.0.0.2");
    send(b.udp(1000, i).payload(i).build());
  }
  const Snapshot snapshot = drain();
  ASSERT_EQ(snapshot.flows.size(), std::size_t{WEIR_BATCH});
  for (const FlowRecord& flow : snapshot.flows) {
    EXPECT_EQ(payload_bytes(flow), flow.key.destination_port);
    EXPECT_EQ(flow.key.source.is_v4(), flow.key.destination_port % 3 != 0);
  }
}

using Histogram = MeterTest;

TEST_F(Histogram, CountsProtocolsAndDestinationPorts) {
  send(PacketBuilder().ip4().tcp(99, 53).build(), 5);
  send(PacketBuilder().ip4().udp(99, 53).build(), 7);
  send(PacketBuilder().ip6().udp(99, 65535).build(), 2);
  send(PacketBuilder().ip6().tcp(99, 0).build());
  send(PacketBuilder().ip4().sctp(99, 53).build(), 3);
  send(PacketBuilder().ip4().icmp(8, 0).build(), 4);
  send(PacketBuilder().ethertype(0x0806).payload(46).build(), 9);
  const Snapshot snapshot = drain();
  EXPECT_EQ(packets_by_port(snapshot), (std::map<std::pair<bool, int>, std::uint64_t>{
                                           {{false, 0}, 1}, {{false, 53}, 5}, {{true, 53}, 7}, {{true, 65535}, 2}}));
  auto protocols = Snapshot{}.overflow_protocols;
  protocols[6] = 6;
  protocols[17] = 9;
  protocols[132] = 3;
  protocols[1] = 4;
  EXPECT_EQ(packets_by_protocol(snapshot), protocols);
}

TEST_F(Histogram, IsEmptyAfterItWasRead) {
  load({.sets4 = 1, .sets6 = 1, .host_sets = 1, .filter_words = 1});
  for (std::uint16_t port = 1; port <= WEIR_WAYS + 3; ++port) send(PacketBuilder().ip4().udp(port, 53).build());
  EXPECT_EQ(packets_by_port(drain()).at({true, 53}), WEIR_WAYS + 3u);
  drain();
  const Snapshot third = drain();
  EXPECT_TRUE(third.overflow_ports.empty());
  EXPECT_EQ(third.overflow_protocols, Snapshot{}.overflow_protocols);
}

}  // namespace
}  // namespace weir::test
