#include "features/beacons.h"

#include <gtest/gtest.h>

#include <random>

namespace weir {
namespace {

constexpr double kNanoseconds = 1e9;

class BeaconsTest : public ::testing::Test {
 protected:
  std::optional<Beacon> call(double at_s, int to = 1, std::uint16_t port = 443) {
    const IpAddress other = *IpAddress::parse("203.0." + std::to_string(to / 256) + "." + std::to_string(to % 256));
    return beacons_.add(*IpAddress::parse("10.0.0.1"), other, port, 6, static_cast<std::int64_t>(at_s * kNanoseconds));
  }

  Beacons beacons_{5};
  std::mt19937 random_{1};
};

TEST_F(BeaconsTest, CountsSteadyGapsUpToThirtyTwo) {
  std::uint32_t gaps = 0;
  for (int n = 0; n < 60; ++n) {
    const auto beacon = call(5.0 * n);
    EXPECT_EQ(beacon.has_value(), n >= 8) << n;
    if (!beacon) continue;
    gaps = beacon->gaps;
    EXPECT_EQ(gaps, static_cast<std::uint32_t>(std::min(n, 32)));
    EXPECT_FLOAT_EQ(beacon->period_s, 5);
  }
  EXPECT_EQ(gaps, 32u);
}

TEST_F(BeaconsTest, NearlyAFifthOfJitterIsSteadyAndAQuarterIsNot) {
  std::uniform_real_distribution<double> jitter(-1, 1);
  std::optional<Beacon> steady, loose;
  double a = 0, b = 0;
  for (int n = 0; n < 60; ++n) {
    steady = call(a += 10 * (1 + 0.18 * jitter(random_)), 1);
    loose = call(b += 10 * (1 + 0.25 * jitter(random_)), 2);
  }
  EXPECT_TRUE(steady);
  EXPECT_FALSE(loose);
}

TEST_F(BeaconsTest, ParallelCallsAreOne) {
  std::optional<Beacon> beacon;
  for (int n = 0; n < 40; ++n)
    for (const double delay : {0.0, 0.1, 0.3}) {
      const auto found = call(5.0 * n + delay);
      if (found) beacon = found;
    }
  ASSERT_TRUE(beacon);
  EXPECT_NEAR(beacon->period_s, 5, 0.01);
}

TEST_F(BeaconsTest, BeginAnewWhenTheClockIsSetBack) {
  for (int n = 0; n < 20; ++n) call(100'000 + 5.0 * n);
  std::optional<Beacon> beacon;
  for (int n = 0; n < 20; ++n) beacon = call(5.0 * n);
  ASSERT_TRUE(beacon);
  EXPECT_EQ(beacon->gaps, 19u);
}

TEST_F(BeaconsTest, FastCallsAndInfrastructureAreNone) {
  for (int n = 0; n < 60; ++n) {
    EXPECT_FALSE(call(0.7 * n, 1));
    EXPECT_FALSE(call(5.0 * n, 2, 123));
  }
}

TEST_F(BeaconsTest, APairThatCallsOutlivesAHundredThousandStrangers) {
  std::optional<Beacon> beacon;
  for (int n = 0; n < 40; ++n) {
    beacon = call(5.0 * n);
    for (int stranger = 0; stranger < 2500; ++stranger)
      call(5.0 * n + 1, 2 + (n * 2500 + stranger) % 60000, static_cast<std::uint16_t>(1000 + n));
  }
  EXPECT_TRUE(beacon);
}

}  // namespace
}  // namespace weir
