#include "bpf/meter_fixture.h"

namespace weir::test {
namespace {

// The epoch has 8 bits. A flip waits some 20 ms for its grace period.
constexpr int kFlips = 300, kFlipsOfTwoWraps = 560;

class Epoch : public MeterTest {
 protected:
  /// Flips until the epoch that was drained last is under way again. The first of all, 1, never is.
  void come_round() {
    const std::uint32_t epoch = last_epoch();
    for (int i = 0; i < kFlips && meter().control().epoch != epoch; ++i) drain();
    ASSERT_EQ(meter().control().epoch, epoch);
  }
};

TEST_F(Epoch, AlternatesGenerationsAcrossItsWrapAndIsNeverZero) {
  std::uint32_t before = 0;  // of the generation that the first, odd epoch is not in
  int wraps = 0;
  for (int i = 0; i < kFlipsOfTwoWraps; ++i) {
    drain();
    EXPECT_NE(last_epoch(), 0u);
    EXPECT_LE(last_epoch(), std::uint32_t{WEIR_EPOCH_MASK});
    EXPECT_NE(last_epoch() & 1, before & 1) << "the generation that is written to was being read, flip " << i;
    wraps += last_epoch() < before;
    before = last_epoch();
  }
  EXPECT_EQ(wraps, 2);
}

TEST_F(Epoch, NoOldRecordComesBack) {
  for (std::uint16_t port = 1; port <= 300; ++port) {
    send(PacketBuilder().ip4().udp(port, 9).payload(9).build());
    send(PacketBuilder().ip6().udp(port, 9).build());
    if (port % 30 == 0) drain();
  }
  drain();
  for (int i = 0; i < kFlips; ++i) {
    const Snapshot snapshot = drain();
    ASSERT_TRUE(snapshot.flows.empty() && snapshot.overflow_hosts.empty() && snapshot.overflow_ports.empty())
        << "flip " << i;
    ASSERT_EQ(snapshot.totals.seen_packets, 0u);
  }
}

TEST_F(Epoch, OldRecordOfTheSameFlowIsNotAddedTo) {
  const Bytes four = PacketBuilder().ip4().udp(1, 2).build(), six = PacketBuilder().ip6().udp(1, 2).build();
  drain();
  for (int round = 0; round < 2; ++round) {
    send(four, 2);
    send(six);
    const Snapshot snapshot = drain();
    ASSERT_EQ(snapshot.flows.size(), 2u);
    for (const FlowRecord& flow : snapshot.flows) EXPECT_EQ(flow.packets, flow.key.source.is_v4() ? 2u : 1u);
    come_round();
  }
}

TEST_F(Epoch, OldOverflowHostIsNotAddedTo) {
  load({.sets4 = 1, .sets6 = 1, .host_sets = 1, .filter_words = 1});
  drain();
  for (int round = 0; round < 2; ++round) {
    for (std::uint16_t port = 0; port <= WEIR_WAYS; ++port) send(PacketBuilder().ip4().udp(port, 9).build());
    const Snapshot snapshot = drain();
    ASSERT_EQ(snapshot.overflow_hosts.size(), 2u);
    for (const OverflowHost& host : snapshot.overflow_hosts) EXPECT_EQ(host.packets, 1u);
    come_round();
  }
}

}  // namespace
}  // namespace weir::test
