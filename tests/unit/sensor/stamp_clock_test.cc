#include <gtest/gtest.h>

#include "sensor/table_reader.h"

namespace weir {
namespace {

constexpr std::int64_t kUnit_ns = 1 << WEIR_TIME_SHIFT;
constexpr std::int64_t kMinute_ns = 60'000'000'000;
constexpr std::int64_t kBase_unix_ns = 1'700'000'000'000'000'000;

std::uint32_t stamp_of(std::int64_t after_base_ns) { return static_cast<std::uint32_t>(after_base_ns / kUnit_ns); }

TEST(StampClock, GivesUnixTime) {
  const StampClock clock(kBase_unix_ns, 5'000'000'000);
  EXPECT_EQ(clock.unix_ns(0), kBase_unix_ns);
  EXPECT_EQ(clock.unix_ns(1000), kBase_unix_ns + 1000 * kUnit_ns);
}

TEST(StampClock, UnwrapsStampsAroundTheFlipForAYear) {
  for (std::int64_t minute = 0; minute < 525'600; minute += 17) {
    const std::int64_t flip_ns = minute * kMinute_ns / kUnit_ns * kUnit_ns + 35 * kMinute_ns / kUnit_ns * kUnit_ns;
    const StampClock clock(kBase_unix_ns, static_cast<std::uint64_t>(flip_ns));
    for (const std::int64_t distance : {-35 * kMinute_ns, -kMinute_ns, std::int64_t{0}, kMinute_ns, 35 * kMinute_ns}) {
      const std::int64_t at = (flip_ns + distance) / kUnit_ns * kUnit_ns;
      ASSERT_EQ(clock.unix_ns(stamp_of(at)), kBase_unix_ns + at) << "minute " << minute << ", distance " << distance;
    }
  }
}

TEST(StampClock, FlipStampIsTheFlipModulo32Bits) {
  EXPECT_EQ(StampClock(0, 0).flip_stamp(), 0u);
  EXPECT_EQ(StampClock(0, ((std::uint64_t{1} << 32) + 7) << WEIR_TIME_SHIFT).flip_stamp(), 7u);
}

TEST(NextEpoch, AlternatesParityAndSkipsZero) {
  std::uint32_t epoch = 1;
  for (int i = 0; i < 2000; ++i) {
    const std::uint32_t next = next_epoch(epoch);
    ASSERT_NE(next, 0u);
    ASSERT_LE(next, std::uint32_t{WEIR_EPOCH_MASK});
    ASSERT_NE(next & 1, epoch & 1) << epoch << " to " << next;
    epoch = next;
  }
}

}  // namespace
}  // namespace weir
