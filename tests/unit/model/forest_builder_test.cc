#include "forest_builder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "forest_check.h"
#include "forests.h"

namespace weir {
namespace {

std::vector<std::uint32_t> all_rows(const TrainingSet& set) {
  std::vector<std::uint32_t> rows(set.host.size());
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

TEST(GrowForest, GivesTreesThatPassTheCheck) {
  const TrainingSet set = ordinary_rows(1000, 50, 1);
  const ForestArrays forest = grow_forest(set.features, all_rows(set), {20, 256, 1});
  const auto ok = check_forest(forest.view());
  EXPECT_TRUE(ok) << ok.error().what;
  EXPECT_EQ(forest.root.size(), 20U);
  EXPECT_EQ(forest.samples, 256U);
}

TEST(GrowForest, IsTheSameForTheSameSeed) {
  const TrainingSet set = ordinary_rows(1000, 50, 1);
  const auto a = grow_forest(set.features, all_rows(set), {10, 64, 5});
  const auto b = grow_forest(set.features, all_rows(set), {10, 64, 5});
  const auto c = grow_forest(set.features, all_rows(set), {10, 64, 6});
  EXPECT_EQ(a.threshold, b.threshold);
  EXPECT_EQ(a.left, b.left);
  EXPECT_NE(a.threshold, c.threshold);
}

TEST(GrowForest, GrowsATreeFromSeedAndNumberAlone) {
  const TrainingSet set = ordinary_rows(1000, 50, 1);
  const auto few = grow_forest(set.features, all_rows(set), {3, 64, 5});
  const auto many = grow_forest(set.features, all_rows(set), {9, 64, 5});
  ASSERT_EQ(many.root[3], few.feature.size());
  EXPECT_TRUE(std::equal(few.threshold.begin(), few.threshold.end(), many.threshold.begin()));
  EXPECT_TRUE(std::equal(few.feature.begin(), few.feature.end(), many.feature.begin()));
}

TEST(GrowForest, SplitsSoThatBothSidesHaveRows) {
  // Two neighbouring floats: whatever the draw, only the lower one separates them.
  TrainingSet set = ordinary_rows(100, 10, 1);
  const float high = std::nextafter(1.0F, 2.0F);
  for (Eigen::Index row = 0; row < 100; ++row) set.features.row(row).setConstant(row < 50 ? 1.0F : high);
  const auto forest = grow_forest(set.features, all_rows(set), {10, 64, 5});
  ASSERT_TRUE(check_forest(forest.view()));
  for (std::size_t i = 0; i < forest.left.size(); ++i) EXPECT_TRUE(forest.view().is_leaf(i) || forest.threshold[i] == 1.0F);
  EXPECT_EQ(forest.feature.size(), 30U);  // a root and two leaves each
}

TEST(GrowForest, EqualRowsAreOneLeaf) {
  TrainingSet set = ordinary_rows(100, 10, 1);
  set.features.setConstant(4);
  const auto forest = grow_forest(set.features, all_rows(set), {5, 64, 1});
  EXPECT_EQ(forest.feature.size(), 5U);
  EXPECT_DOUBLE_EQ(Forest(forest).score(row_of(set.features, 0)), 0.5);
}

TEST(GrowForest, StopsAtTheDepthOfABalancedTree) {
  const TrainingSet set = ordinary_rows(1000, 50, 1);
  const auto forest = grow_forest(set.features, all_rows(set), {20, 100, 1});
  std::vector<int> depth(forest.feature.size());
  for (std::size_t i = 0; i < depth.size(); ++i) {
    EXPECT_LE(depth[i], 7);  // ceil(log2(100))
    if (forest.view().is_leaf(i)) {
      EXPECT_DOUBLE_EQ(forest.value[i], depth[i] + average_depth(forest.rows[i]));
      continue;
    }
    depth[forest.left[i]] = depth[forest.right[i]] = depth[i] + 1;
  }
}

TEST(GrowForest, RanksOutliersAboveWhatIsOrdinary) {
  const TrainingSet set = ordinary_rows(2000, 50, 1);
  const Forest forest(grow_forest(set.features, all_rows(set), {100, 256, 1}));
  std::vector<double> scores;
  for (Eigen::Index row = 0; row < 2000; ++row) scores.push_back(forest.score(row_of(set.features, row)));
  std::sort(scores.begin(), scores.end());

  FeatureRow outlier{};
  outlier.fill(5);
  for (std::size_t i = 0; i < 9; ++i) outlier[i] = 20;  // 15 deviations away in half of the features
  EXPECT_GT(forest.score(outlier), scores.back());
  const auto part = forest.contributions(outlier);
  EXPECT_GT(*std::min_element(part.begin(), part.begin() + 9), *std::max_element(part.begin() + 9, part.end()));
}

}  // namespace
}  // namespace weir
