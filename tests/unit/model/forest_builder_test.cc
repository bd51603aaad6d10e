#include "forest_builder.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "forest_check.h"
#include "forest_join.h"
#include "forests.h"

namespace weir {
namespace {

TEST(GrowForest, GivesTreesThatPassTheCheck) {
  const TrainingSet set = ordinary_rows(1000, 50, 1);
  const ForestArrays forest = grow_forest(table_of(set.features), {20, 256, 1});
  const auto ok = check_forest(forest.view());
  EXPECT_TRUE(ok) << ok.error().what;
  EXPECT_EQ(forest.root.size(), 20U);
  EXPECT_EQ(forest.samples, 256U);
}

TEST(GrowForest, IsTheSameForTheSameSeed) {
  const TrainingSet set = ordinary_rows(1000, 50, 1);
  const auto a = grow_forest(table_of(set.features), {10, 64, 5});
  const auto b = grow_forest(table_of(set.features), {10, 64, 5});
  const auto c = grow_forest(table_of(set.features), {10, 64, 6});
  EXPECT_EQ(a.threshold, b.threshold);
  EXPECT_EQ(a.left, b.left);
  EXPECT_NE(a.threshold, c.threshold);
}

TEST(GrowForest, GrowsATreeFromSeedAndNumberAlone) {
  const TrainingSet set = ordinary_rows(1000, 50, 1);
  const auto few = grow_forest(table_of(set.features), {3, 64, 5});
  const auto many = grow_forest(table_of(set.features), {9, 64, 5});
  ASSERT_EQ(many.root[3], few.feature.size());
  EXPECT_TRUE(std::equal(few.threshold.begin(), few.threshold.end(), many.threshold.begin()));
  EXPECT_TRUE(std::equal(few.feature.begin(), few.feature.end(), many.feature.begin()));
}

void expect_equal(const ForestArrays& a, const ForestArrays& b) {
  EXPECT_EQ(a.root, b.root);
  EXPECT_EQ(a.feature, b.feature);
  EXPECT_EQ(a.threshold, b.threshold);
  EXPECT_EQ(a.left, b.left);
  EXPECT_EQ(a.right, b.right);
  EXPECT_EQ(a.rows, b.rows);
  EXPECT_EQ(a.value, b.value);
}

TEST(GrowForest, IsTheSameOnAnyNumberOfThreads) {
  const TrainingSet set = ordinary_rows(1000, 50, 1);
  const auto one = grow_forest(table_of(set.features), {17, 64, 5});
  for (const unsigned threads : {2U, 3U, 16U, 100U}) {
    SCOPED_TRACE(threads);
    expect_equal(grow_forest(table_of(set.features), {17, 64, 5, threads}), one);
  }
}

TEST(GrowForest, TakesOnlyTheGivenRows) {
  TrainingSet set = ordinary_rows(1000, 50, 1);
  std::vector<std::uint32_t> even;
  for (std::uint32_t row = 0; row < 1000; row += 2) even.push_back(row);
  for (Eigen::Index row = 1; row < 1000; row += 2) set.features.row(row).setConstant(1e6F);
  const auto forest = grow_forest(table_of(set.features), even, {20, 64, 5});
  EXPECT_LT(*std::max_element(forest.threshold.begin(), forest.threshold.end()), 20);
}

TEST(GrowForest, DrawsEachRowOfASmallTableOnce) {
  const std::vector<float> values = {1, 2, 3, 4, 5};
  const auto forest = grow_forest({values, 1}, {50, 256, 1});
  EXPECT_EQ(forest.samples, 5U);
  // Nothing but the depth keeps different rows together.
  for (std::size_t i = 0; i < forest.feature.size(); ++i)
    EXPECT_TRUE(!forest.view().is_leaf(i) || forest.rows[i] == 1 || forest.value[i] == 3 + average_depth(forest.rows[i]));
}

TEST(GrowForest, SplitsOnEachColumnAlikeOften) {
  const TrainingSet set = ordinary_rows(1000, 50, 1);
  const auto forest = grow_forest(table_of(set.features), {300, 256, 1});
  std::vector<int> roots(kFeatureCount);
  for (const std::uint32_t root : forest.root) ++roots[forest.feature[root]];
  // 300 roots over 18 columns: 16.7 each, deviation 4.
  EXPECT_GE(*std::min_element(roots.begin(), roots.end()), 4);
  EXPECT_LE(*std::max_element(roots.begin(), roots.end()), 33);
}

TEST(ReplaceOldest, DropsAsManyTreesAsThereAreNewOnes) {
  const TrainingSet set = ordinary_rows(1000, 50, 1);
  const RowTable table = table_of(set.features);
  const auto old = grow_forest(table, {20, 64, 5});
  GrowOptions later{5, 64, 5};
  later.first_tree = 20;
  const auto renewed = replace_oldest(old.view(), grow_forest(table, later).view());
  const auto ok = check_forest(renewed.view());
  ASSERT_TRUE(ok) << ok.error().what;
  // Trees 5 to 24 of a forest that was grown at once.
  const auto all = grow_forest(table, {25, 64, 5});
  ForestArrays expected;
  append_trees(all.view(), 5, expected);
  expect_equal(renewed, expected);
}

TEST(ReplaceOldest, MayReplaceAll) {
  const TrainingSet set = ordinary_rows(1000, 50, 1);
  const auto old = grow_forest(table_of(set.features), {3, 64, 5});
  const auto fresh = grow_forest(table_of(set.features), {3, 64, 6});
  expect_equal(replace_oldest(old.view(), fresh.view()), fresh);
}

TEST(GrowForest, SplitsSoThatBothSidesHaveRows) {
  // Two neighbouring floats: whatever the draw, only the lower one separates them.
  TrainingSet set = ordinary_rows(100, 10, 1);
  const float high = std::nextafter(1.0F, 2.0F);
  for (Eigen::Index row = 0; row < 100; ++row) set.features.row(row).setConstant(row < 50 ? 1.0F : high);
  const auto forest = grow_forest(table_of(set.features), {10, 64, 5});
  ASSERT_TRUE(check_forest(forest.view()));
  for (std::size_t i = 0; i < forest.left.size(); ++i) EXPECT_TRUE(forest.view().is_leaf(i) || forest.threshold[i] == 1.0F);
  EXPECT_EQ(forest.feature.size(), 30U);  // a root and two leaves each
}

TEST(GrowForest, EqualRowsAreOneLeaf) {
  TrainingSet set = ordinary_rows(100, 10, 1);
  set.features.setConstant(4);
  const auto forest = grow_forest(table_of(set.features), {5, 64, 1});
  EXPECT_EQ(forest.feature.size(), 5U);
  EXPECT_DOUBLE_EQ(Forest(forest).score(row_of(set.features, 0)), 0.5);
}

TEST(GrowForest, StopsAtTheDepthOfABalancedTree) {
  const TrainingSet set = ordinary_rows(1000, 50, 1);
  const auto forest = grow_forest(table_of(set.features), {20, 100, 1});
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
  const Forest forest(grow_forest(table_of(set.features), {100, 256, 1}));
  std::vector<double> scores;
  for (Eigen::Index row = 0; row < 2000; ++row) scores.push_back(forest.score(row_of(set.features, row)));
  std::sort(scores.begin(), scores.end());

  FeatureRow outlier{};
  outlier.fill(5);
  constexpr std::size_t kHalf = kFeatureCount / 2;
  for (std::size_t i = 0; i < kHalf; ++i) outlier[i] = 20;  // 15 deviations away in half of the features
  EXPECT_GT(forest.score(outlier), scores.back());
  const auto part = forest.contributions(outlier);
  EXPECT_GT(*std::min_element(part.begin(), part.begin() + kHalf), *std::max_element(part.begin() + kHalf, part.end()));
}

}  // namespace
}  // namespace weir
