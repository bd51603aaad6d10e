#include "sensor/replay_source.h"

#include <gtest/gtest.h>

#include "support/fixed_packets.h"

namespace weir::test {
namespace {

constexpr std::int64_t kSecond_ns = 1'000'000'000;
constexpr std::int64_t kStart_ns = 1'700'000'000 * kSecond_ns;
constexpr std::int64_t kStamp_ns = 1 << WEIR_TIME_SHIFT;

Bytes packet(std::uint16_t port = 80) { return PacketBuilder().ip4().udp(1000, port).payload(10).build(); }

std::vector<Snapshot> read_all(FixedPackets packets) {
  ReplaySource source(std::make_unique<FixedPackets>(std::move(packets)));
  std::vector<Snapshot> ticks;
  Snapshot tick;
  while (source.read_tick(tick).value()) ticks.push_back(tick);
  return ticks;
}

TEST(ReplaySource, TicksAreWholeSecondsOfPacketTime) {
  const auto ticks = read_all(FixedPackets()
                                  .add(kStart_ns + 999'999'999, packet())
                                  .add(kStart_ns + kSecond_ns, packet())
                                  .add(kStart_ns + kSecond_ns + 5, packet()));
  ASSERT_EQ(ticks.size(), 2u);
  EXPECT_EQ(ticks[0].start_ns, kStart_ns);
  EXPECT_EQ(ticks[0].end_ns, kStart_ns + kSecond_ns);
  EXPECT_EQ(ticks[0].totals.flow_packets, 1u);
  EXPECT_EQ(ticks[1].start_ns, kStart_ns + kSecond_ns);
  EXPECT_EQ(ticks[1].totals.flow_packets, 2u);
}

TEST(ReplaySource, SecondsWithoutAPacketAreLeftOut) {
  const auto ticks = read_all(FixedPackets().add(kStart_ns, packet()).add(kStart_ns + 7 * kSecond_ns, packet()));
  ASSERT_EQ(ticks.size(), 2u);
  EXPECT_EQ(ticks[1].start_ns, kStart_ns + 7 * kSecond_ns);
}

TEST(ReplaySource, OlderPacketCountsInTheTickUnderWay) {
  const auto ticks = read_all(FixedPackets()
                                  .add(kStart_ns + 3 * kSecond_ns, packet())
                                  .add(kStart_ns, packet())
                                  .add(kStart_ns + 3 * kSecond_ns + 9, packet()));
  ASSERT_EQ(ticks.size(), 1u);
  EXPECT_EQ(ticks[0].totals.flow_packets, 3u);
  ASSERT_EQ(ticks[0].flows.size(), 1u);
  EXPECT_GE(ticks[0].flows[0].first_ns, ticks[0].start_ns) << "the older packet must not pull the flow's beginning back";
}

TEST(ReplaySource, StampsAreThePacketsTimes) {
  const auto ticks = read_all(FixedPackets()
                                  .add(kStart_ns + 100 * kStamp_ns, packet())
                                  .add(kStart_ns + 350 * kStamp_ns, packet())
                                  .add(kStart_ns + 900 * kStamp_ns, packet()));
  ASSERT_EQ(ticks.size(), 1u);
  ASSERT_EQ(ticks[0].flows.size(), 1u);
  const FlowRecord& flow = ticks[0].flows[0];
  EXPECT_EQ(flow.first_ns, kStart_ns + 100 * kStamp_ns);
  EXPECT_EQ(flow.last_ns, kStart_ns + 900 * kStamp_ns);
  const double unit_s = static_cast<double>(kStamp_ns) / 1e9;
  EXPECT_NEAR(flow.sum_squared_gaps_s2, (250.0 * 250 + 550.0 * 550) * unit_s * unit_s, 1e-15);
}

// 32-bit stamps tell 36 minutes apart; either generation may have been silent for twice the gap between two ticks.
TEST(ReplaySource, StampsAreRightAfterGapsOfEveryLength) {
  for (const std::int64_t gap_s : {599, 600, 601, 1100, 2100, 2160, 2400, 4390, 4400, 9000, 86400}) {
    FixedPackets packets;
    for (int i = 0; i < 7; ++i) packets.add(kStart_ns + i * gap_s * kSecond_ns + 5 * kStamp_ns, packet());
    const auto ticks = read_all(std::move(packets));
    ASSERT_EQ(ticks.size(), 7u);
    for (const Snapshot& tick : ticks) {
      ASSERT_EQ(tick.flows.size(), 1u);
      EXPECT_NEAR(static_cast<double>(tick.flows[0].first_ns - tick.start_ns), 5.0 * kStamp_ns, kStamp_ns) << gap_s << " s";
      EXPECT_EQ(tick.flows[0].last_ns, tick.flows[0].first_ns);
    }
  }
}

TEST(ReplaySource, WhatCameBeforeAnErrorComesFirst) {
  ReplaySource source(std::make_unique<FixedPackets>(FixedPackets().add(kStart_ns, packet()).then_fail("cut off")));
  Snapshot tick;
  ASSERT_TRUE(source.read_tick(tick).value());
  EXPECT_EQ(tick.totals.flow_packets, 1u);
  const auto failed = source.read_tick(tick);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().what, "cut off");
  EXPECT_FALSE(source.read_tick(tick).value()) << "after the error there is nothing";
  EXPECT_FALSE(source.read_tick(tick).value());
}

TEST(ReplaySource, OfNothingHasNoTick) { EXPECT_TRUE(read_all(FixedPackets()).empty()); }

TEST(ReplaySource, GivesTheSameResultEachTime) {
  FixedPackets packets;
  for (std::uint16_t i = 0; i < 500; ++i) packets.add(kStart_ns + i, packet(i));
  const auto one = read_all(packets), other = read_all(packets);
  ASSERT_EQ(one.size(), 1u);
  ASSERT_EQ(one[0].flows.size(), other[0].flows.size());
  for (std::size_t i = 0; i < one[0].flows.size(); ++i)
    EXPECT_EQ(one[0].flows[i].key, other[0].flows[i].key) << "also in order";
}

TEST(ReplaySource, CountsTheWireLengthOfACutFrame) {
  class Cut : public PacketSource {
   public:
    [[nodiscard]] Result<bool> next(Packet& out) override {
      out.time_ns = kStart_ns;
      out.wire_bytes = static_cast<std::uint32_t>(whole_.size());
      out.data = std::span(whole_).first(60);
      return !std::exchange(done_, true);
    }

   private:
    Bytes whole_ = PacketBuilder().ip4().tcp(1, 2).payload(1000).build();
    bool done_ = false;
  };
  ReplaySource source(std::make_unique<Cut>());
  Snapshot tick;
  ASSERT_TRUE(source.read_tick(tick).value());
  ASSERT_EQ(tick.flows.size(), 1u);
  EXPECT_EQ(tick.flows[0].bytes, 1054u);
  EXPECT_EQ(tick.flows[0].bytes - tick.flows[0].overhead_bytes, 1000u);
}

TEST(ReplaySource, CountsWhatIsNoFrameAtAll) {
  FixedPackets packets;
  for (std::size_t size = 0; size < 14; ++size) packets.add(kStart_ns, Bytes(size, 0));
  const auto ticks = read_all(std::move(packets));
  ASSERT_EQ(ticks.size(), 1u);
  EXPECT_EQ(ticks[0].totals.undecoded_packets[WEIR_SHORT_L2], 14u);
  EXPECT_TRUE(ticks[0].totals.is_conserved());
}

}  // namespace
}  // namespace weir::test
