#include "survival.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "random.h"

namespace weir {
namespace {

std::vector<double> sample_of(std::size_t rows, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> sample(rows);
  for (double& x : sample) x = std::floor(-100 * std::log1p(-random.uniform()));  // with ties
  return sample;
}

double exact_surprise(const std::vector<double>& sample, double x) {
  const auto at_least = std::count_if(sample.begin(), sample.end(), [x](double value) { return value >= x; });
  return -std::log10((static_cast<double>(at_least) + 1) / (static_cast<double>(sample.size()) + 1));
}

TEST(Survival, IsTheCountOfGreaterValuesOrALittleLower) {
  for (const std::size_t rows : {1U, 2U, 9U, 10U, 11U, 1000U, 50'000U}) {
    const std::vector<double> sample = sample_of(rows, rows);
    const Survival survival = Survival::of(sample);
    for (const double x : sample_of(200, 7)) {
      const double exact = exact_surprise(sample, x);
      EXPECT_LE(survival.surprise(x), exact + 1e-12);
      EXPECT_GE(survival.surprise(x), exact - 0.05) << rows << " rows, " << x;
    }
  }
}

TEST(Survival, IsExactAtTheTop) {
  std::vector<double> sample(1000);
  for (std::size_t i = 0; i < sample.size(); ++i) sample[i] = static_cast<double>(i);
  const Survival survival = Survival::of(sample);
  for (const double x : {2000.0, 999.0, 998.5, 998.0, 990.0})
    EXPECT_DOUBLE_EQ(survival.surprise(x), exact_surprise(sample, x));
  EXPECT_DOUBLE_EQ(survival.surprise(1e9), std::log10(1001));
  EXPECT_EQ(survival.surprise(-1), 0);
  EXPECT_EQ(survival.greatest(), 999);
}

TEST(Survival, NeverFallsWithItsValue) {
  const Survival survival = Survival::of(sample_of(5000, 3));
  double before = 0;
  for (double x = -10; x < 2000; x += 0.5) {
    EXPECT_GE(survival.surprise(x), before);
    before = survival.surprise(x);
  }
}

TEST(Survival, ComesBackFromItsKnots) {
  const Survival survival = Survival::of(sample_of(5000, 3));
  const Survival back(survival.rows(), {survival.knots().begin(), survival.knots().end()});
  EXPECT_EQ(survival.knots().size(), Survival::knot_count(5000));
  EXPECT_LT(survival.knots().size(), 90U);
  for (const double x : sample_of(200, 9)) EXPECT_EQ(back.surprise(x), survival.surprise(x));
}

}  // namespace
}  // namespace weir
