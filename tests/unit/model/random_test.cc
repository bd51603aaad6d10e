#include "random.h"

#include <gtest/gtest.h>

#include <array>

namespace weir {
namespace {

// The known answers of independent implementations: xoshiro256** with its state from splitmix64(0).
TEST(Random, GivesThePublishedSequence) {
  Random random(0);
  EXPECT_EQ(random.next(), 0x99ec5f36cb75f2b4ULL);
  EXPECT_EQ(random.next(), 0xbf6e1f784956452aULL);
  EXPECT_EQ(random.next(), 0x1a5f849d4933e6e0ULL);
}

TEST(Random, StreamsOfOneSeedDiffer) { EXPECT_NE(Random(1, 0).next(), Random(1, 1).next()); }

TEST(Random, DrawsBelowALimitEvenly) {
  Random random(7);
  std::array<int, 10> seen{};
  for (int i = 0; i < 100'000; ++i) ++seen.at(random.below(10));
  for (const int count : seen) EXPECT_NEAR(count, 10'000, 500);
}

TEST(Random, UniformStaysBelowOne) {
  Random random(3);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double x = random.uniform();
    ASSERT_TRUE(x >= 0 && x < 1);
    sum += x;
  }
  EXPECT_NEAR(sum / 100'000, 0.5, 0.005);
}

}  // namespace
}  // namespace weir
