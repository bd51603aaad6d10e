#include <random>

#include "bpf/meter_fixture.h"

namespace weir::test {
namespace {

constexpr std::int64_t kTick_ns = 4096 * kStamp_ns;  // of the coarse clock, about 4 ms
constexpr std::int64_t kStart_ns = 250 * kTick_ns;   // about a second

class Stamps : public MeterTest {
 protected:
  static Bytes packet(std::uint16_t port = 80) { return PacketBuilder().ip4().udp(1000, port).payload(10).build(); }
  FlowRecord only_flow() {
    const Snapshot snapshot = drain();
    EXPECT_EQ(snapshot.flows.size(), 1u);
    return snapshot.flows.empty() ? FlowRecord{} : snapshot.flows.front();
  }
};

TEST_F(Stamps, FullBatchGetsThePreciseClock) {
  set_time(kStart_ns + 300 * kStamp_ns, kStart_ns);
  send(packet(), WEIR_BATCH);
  const FlowRecord flow = only_flow();
  EXPECT_EQ(flow.first_ns, kStart_ns + 300 * kStamp_ns);
  EXPECT_EQ(flow.last_ns, flow.first_ns);
  EXPECT_EQ(flow.sum_squared_gaps_s2, 0);
}

TEST_F(Stamps, PacketsOfAnOlderTickKeepTheirCoarseStamp) {
  set_time(kStart_ns + 50 * kStamp_ns, kStart_ns);
  send(packet(), 3);
  set_time(kStart_ns + 5 * kTick_ns + 100 * kStamp_ns, kStart_ns + 5 * kTick_ns);
  send(packet());  // of a new tick: takes the batch along
  const FlowRecord flow = only_flow();
  EXPECT_EQ(flow.packets, 4u);
  EXPECT_EQ(flow.first_ns, kStart_ns);
  EXPECT_EQ(flow.last_ns, kStart_ns + 5 * kTick_ns + 100 * kStamp_ns);
  const double gap_s = static_cast<double>(flow.last_ns - flow.first_ns) / 1e9;
  EXPECT_DOUBLE_EQ(flow.sum_squared_gaps_s2, gap_s * gap_s);
}

TEST_F(Stamps, LeftoversThatTheDaemonFinishesKeepTheirCoarseStamp) {
  set_time(kStart_ns + 900 * kStamp_ns, kStart_ns);
  send(packet(), 2);
  set_time(kStart_ns + kSecond_ns);
  const FlowRecord flow = only_flow();
  EXPECT_EQ(flow.first_ns, kStart_ns);
  EXPECT_EQ(flow.last_ns, kStart_ns);
}

TEST_F(Stamps, GapsAreSummedSquared) {
  double expected_s2 = 0;
  std::int64_t at = kStart_ns;
  for (const std::int64_t gap : {2 * kTick_ns, 7 * kTick_ns, kTick_ns}) {
    set_time(at);
    send(packet());
    at += gap;
    expected_s2 += static_cast<double>(gap) / 1e9 * static_cast<double>(gap) / 1e9;
  }
  set_time(at);
  send(packet());
  EXPECT_NEAR(only_flow().sum_squared_gaps_s2, expected_s2, 1e-12);
}

TEST_F(Stamps, GapIsThatOfTheSameFlow) {
  set_time(kStart_ns);
  send(packet(80));
  set_time(kStart_ns + kTick_ns);
  send(packet(81));
  for (const FlowRecord& flow : drain().flows) EXPECT_EQ(flow.sum_squared_gaps_s2, 0);
}

TEST_F(Stamps, CoarseStampDoesNotFallBehindAPreciseOne) {
  set_time(kStart_ns + 3000 * kStamp_ns, kStart_ns);
  send(packet(), WEIR_BATCH);  // precise: late in the tick
  send(packet(), 2);           // same tick; their coarse stamp is its beginning
  set_time(kStart_ns + kTick_ns + 10 * kStamp_ns, kStart_ns + kTick_ns);
  send(packet());
  const FlowRecord flow = only_flow();
  EXPECT_EQ(flow.first_ns, kStart_ns + 3000 * kStamp_ns);
  const double gap_s = static_cast<double>(flow.last_ns - flow.first_ns) / 1e9;
  EXPECT_DOUBLE_EQ(flow.sum_squared_gaps_s2, gap_s * gap_s) << "a step back would be a gap of an hour";
}

TEST_F(Stamps, NeverRunBackwardsUnderRandomClocks) {
  std::mt19937 random(7);
  std::int64_t now = kStart_ns;
  std::int64_t start = now;
  for (int tick = 0; tick < 20; ++tick) {
    for (int i = 0; i < 300; ++i) {
      now += static_cast<std::int64_t>(random() % 600) * kStamp_ns / (random() % 40 == 0 ? 1 : 20);
      set_time(now, now / kTick_ns * kTick_ns);
      send(packet(static_cast<std::uint16_t>(random() % 5)));
    }
    for (const FlowRecord& flow : drain().flows) {
      EXPECT_GE(flow.first_ns, start / kTick_ns * kTick_ns);
      EXPECT_LE(flow.first_ns, flow.last_ns);
      EXPECT_LE(flow.last_ns, now);
      const double whole_s = static_cast<double>(flow.last_ns - flow.first_ns) / 1e9;
      EXPECT_LE(flow.sum_squared_gaps_s2, whole_s * whole_s * (1 + 1e-9));
    }
    start = now;
  }
}

// Half of the 32 bits of a stamp is 36 minutes, all of them 73: beyond either, old state must not pass for the future.
TEST_F(Stamps, AreRightAfterLongSilence) {
  send(packet());
  drain();
  std::int64_t now = kSecond_ns;
  for (const std::int64_t silence : {40 * kMinute_ns, 80 * kMinute_ns, 200 * kMinute_ns}) {
    const std::int64_t until = now + silence / kTick_ns * kTick_ns;
    for (; now + 5 * kMinute_ns < until; now += 5 * kMinute_ns) {
      set_time(now);
      EXPECT_TRUE(drain().flows.empty());
    }
    now = until / kStamp_ns * kStamp_ns;
    set_time(now);
    send(packet());
    const FlowRecord flow = only_flow();
    EXPECT_EQ(flow.first_ns, now) << "after " << silence / kMinute_ns << " minutes";
    EXPECT_EQ(flow.last_ns, now);
  }
}

}  // namespace
}  // namespace weir::test
