#include "detectors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "forests.h"

namespace weir {
namespace {

const GrowOptions kGrow{100, 256, 1};

std::vector<double> scores_of(const auto& detector, std::span<const float> rows, std::size_t count) {
  std::vector<double> scores(count);
  detector.score(rows, scores);
  return scores;
}

FeatureRow ordinary_row() {
  FeatureRow row{};
  row.fill(5);
  return row;
}

TEST(TailScale, GivesOrdinaryScoresTheirShare) {
  std::vector<double> scores(10'000);
  std::iota(scores.begin(), scores.end(), 0.0);
  const TailScale scale = TailScale::of(scores);
  EXPECT_NEAR(scale.surprise(9'000), 1, 0.05);
  EXPECT_NEAR(scale.surprise(5'000), std::log10(2), 0.05);
  EXPECT_EQ(scale.surprise(-1), 0);
}

TEST(TailScale, GoesOnBeyondTheGreatestAsAnExponentialTailDoes) {
  Random random(1);
  std::vector<double> scores(100'000);
  for (double& x : scores) x = -std::log(1 - random.uniform());  // P(x > t) = e^-t
  const TailScale scale = TailScale::of(scores);
  for (const double t : {4.0, 8.0, 20.0, 40.0}) EXPECT_NEAR(scale.surprise(t), t / std::log(10), 0.06 * t) << t;
}

TEST(TailScale, NeverFalls) {
  std::vector<double> scores;
  Random random(1);
  for (int i = 0; i < 3000; ++i) scores.push_back(std::floor(100 * random.uniform() * random.uniform()));
  const TailScale scale = TailScale::of(scores);
  double before = 0;
  for (double x = -1; x < 200; x += 0.25) {
    EXPECT_GE(scale.surprise(x), before) << x;
    before = scale.surprise(x);
  }
}

TEST(TailScale, TakesScoresThatAreAllEqual) {
  const TailScale scale = TailScale::of(std::vector<double>(500, 0.5));
  EXPECT_EQ(scale.surprise(0.5), 0);
  EXPECT_TRUE(std::isfinite(scale.surprise(0.6)));
  EXPECT_GT(scale.surprise(0.6), 3);
}

/// Of two families: two columns of volume, one of fan.
TailScore two_families(const TrainingSet& set) {
  const auto column = [&](const char* name, std::uint8_t family) {
    std::uint16_t place = 0;
    while (kFeatures[place].name != name) ++place;
    std::vector<double> values;
    for (Eigen::Index row = 0; row < set.features.rows(); ++row)
      values.push_back(static_cast<double>(set.features(row, static_cast<Eigen::Index>(place))));
    return TailScore::Column{place, family, Survival::of(std::move(values))};
  };
  return {{column("total_bytes", 0), column("total_packets", 0), column("unique_ports", 1)}, kFeatureCount};
}

TEST(TailScore, SeesWhatIsAboveTheOrdinaryAndNotWhatIsBelow) {
  const TrainingSet set = ordinary_rows(2000, 50, 1);
  const TailScore tail = fit_detectors(table_of(set.features), kGrow).partners->tail;
  FeatureRow above = ordinary_row(), below = ordinary_row();
  above[feature_index("total_bytes")] = 12;
  below[feature_index("total_bytes")] = -2;
  const auto score = [&](const FeatureRow& row) { return scores_of(tail, row, 1).front(); };
  EXPECT_GT(score(above), score(ordinary_row()) + 1);
  EXPECT_LE(score(below), score(ordinary_row()));
}

TEST(TailScore, CountsAFamilyOnce) {
  const TrainingSet set = ordinary_rows(2000, 50, 1);
  const TailScore tail = two_families(set);
  FeatureRow one = ordinary_row(), both = ordinary_row(), over_two = ordinary_row();
  one[feature_index("total_bytes")] = 12;
  both[feature_index("total_bytes")] = both[feature_index("total_packets")] = 12;
  over_two[feature_index("total_bytes")] = over_two[feature_index("unique_ports")] = 12;
  const auto score = [&](const FeatureRow& row) { return scores_of(tail, row, 1).front(); };
  EXPECT_NEAR(score(both), score(one), 0.3);  // their greatest training values differ a little
  EXPECT_GT(score(over_two), score(both) + 1);
}

TEST(TailScore, ContributionsSumToTheScore) {
  const TrainingSet set = ordinary_rows(2000, 50, 1);
  const TailScore tail = two_families(set);
  for (Eigen::Index row = 0; row < 100; ++row) {
    const auto values = row_of(set.features, row);
    const auto parts = tail.contributions(values);
    EXPECT_NEAR(std::accumulate(parts.begin(), parts.end(), 0.0), scores_of(tail, values, 1).front(), 1e-12);
  }
}

TEST(PcaResidual, SeesARelationThatIsBroken) {
  Random random(1);
  std::vector<float> rows;
  for (int i = 0; i < 2000; ++i) {
    const float x = normal_draw(random), y = normal_draw(random);
    rows.insert(rows.end(), {x, 100 * x + normal_draw(random), y, -y, x + y, 7});
  }
  const PcaResidual pca = PcaResidual::of({rows, 6});
  const std::vector<float> kept = {1, 100, 1, -1, 2, 7}, broken = {1, -100, 1, -1, 2, 7}, changed = {1, 100, 1, -1, 2, 9};
  const auto score = [&](const std::vector<float>& row) { return scores_of(pca, row, 1).front(); };
  EXPECT_LT(score(kept), 0.05);
  EXPECT_GT(score(broken), 0.5);
  EXPECT_GT(score(changed), 0.5);  // of a column that never changed
}

TEST(PcaResidual, HasAxesOfLengthOneAtRightAngles) {
  const TrainingSet set = ordinary_rows(2000, 50, 1);
  const PcaResidual pca = PcaResidual::of(table_of(set.features));
  constexpr std::size_t kAxes = kFeatureCount / 3;
  ASSERT_EQ(pca.axes().size(), kAxes * kFeatureCount);
  const Eigen::Map<const Eigen::MatrixXd> axes(pca.axes().data(), static_cast<Eigen::Index>(kFeatureCount), kAxes);
  EXPECT_TRUE((axes.transpose() * axes).isIdentity(1e-9));
}

/// What holds for each of them.
template <class Detector>
void expect_a_detector(const Detector& detector, const TrainingSet& set) {
  const std::span<const float> rows(set.features.data(), static_cast<std::size_t>(set.features.size()));
  const auto count = static_cast<std::size_t>(set.features.rows());
  const auto scores = scores_of(detector, rows, count);
  EXPECT_EQ(scores_of(detector, rows, count), scores);
  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_TRUE(std::isfinite(scores[i]) && scores[i] >= 0);
    EXPECT_NEAR(scores_of(detector, rows.subspan(i * kFeatureCount, kFeatureCount), 1).front(), scores[i], 1e-9);
  }
  FeatureRow strange{};
  for (std::size_t f = 0; f < kFeatureCount; ++f) strange[f] = f % 2 == 0 ? 30 : 5;
  EXPECT_GT(scores_of(detector, strange, 1).front(), *std::max_element(scores.begin(), scores.end()));
}

TEST(Detectors, EachScoresRowsAloneAsTogetherAndStrangeOnesHigher) {
  const TrainingSet set = ordinary_rows(1500, 50, 1);
  const Detectors detectors = fit_detectors(table_of(set.features), kGrow);
  expect_a_detector(detectors.forest, set);
  expect_a_detector(detectors.partners->tail, set);
  expect_a_detector(detectors.partners->pca, set);
}

TEST(Detectors, ShareOneScale) {
  const TrainingSet set = ordinary_rows(20'000, 50, 1), fresh = ordinary_rows(20'000, 50, 2);
  const Detectors detectors = fit_detectors(table_of(set.features), kGrow);
  const auto surprises = detectors.surprises(table_of(fresh.features).values);
  // By construction 1 in 100 rows is as surprising as 2; of fresh rows a few more, for the forest has not seen them.
  for (const auto detector : {&Surprise::forest, &Surprise::tail, &Surprise::pca}) {
    const auto count =
        std::count_if(surprises.begin(), surprises.end(), [&](const Surprise& s) { return s.*detector >= 2; });
    EXPECT_GE(count, 120);
    EXPECT_LE(count, 320);
  }
}

TEST(Detectors, TheGreaterOfForestAndTailCounts) {
  EXPECT_EQ((Surprise{1, 2, 9}).most(), 2);
  EXPECT_EQ((Surprise{3, 2, 9}).most(), 3);
}

}  // namespace
}  // namespace weir
