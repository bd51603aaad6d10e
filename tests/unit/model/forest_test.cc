#include "forest.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "forests.h"
#include "random_forest.h"

namespace weir {
namespace {

// c(4) = 2 (ln 3 + gamma) - 2 * 3 / 4
constexpr double kC4 = 2 * (1.0986122886681098 + 0.5772156649015329) - 1.5;

TEST(AverageDepth, IsScikitLearns) {
  EXPECT_EQ(average_depth(0), 0);
  EXPECT_EQ(average_depth(1), 0);
  EXPECT_EQ(average_depth(2), 1);
  EXPECT_NEAR(average_depth(4), kC4, 1e-15);
  EXPECT_NEAR(average_depth(256), 10.244770920119917, 1e-12);
}

TEST(Forest, AddsUpTheLeavesThatARowEndsIn) {
  const Forest forest(two_trees());
  FeatureRow row{};
  row[0] = 1.5F;  // on the threshold: left
  EXPECT_DOUBLE_EQ(forest.mean_depth(row), (1 + kC4) / 2);
  row[0] = std::nextafter(1.5F, 2.0F);
  row[2] = -1;
  EXPECT_DOUBLE_EQ(forest.mean_depth(row), (2 + kC4) / 2);
  row[2] = 0;
  EXPECT_DOUBLE_EQ(forest.mean_depth(row), (3 + kC4) / 2);
}

TEST(Forest, ScoresHigherWhatIsIsolatedSooner) {
  const Forest forest(two_trees());
  FeatureRow shallow{}, deep{};
  deep[0] = 2;
  EXPECT_DOUBLE_EQ(forest.score(shallow), std::exp2(-(1 + kC4) / 2 / kC4));
  EXPECT_LT(forest.score(deep), forest.score(shallow));
}

TEST(Forest, ContributionsNameTheSplits) {
  const Forest forest(two_trees());
  FeatureRow row{};
  row[0] = 2;
  row[2] = -1;
  // Expected depths by hand: inner node (1*2 + 2*3)/3 = 8/3, root (1*1 + 3*8/3)/4 = 9/4. Two trees, unit c(4).
  const auto part = forest.contributions(row);
  EXPECT_NEAR(part[0], (9.0 / 4 - 8.0 / 3) / 2 / kC4, 1e-15);
  EXPECT_NEAR(part[2], (8.0 / 3 - 2) / 2 / kC4, 1e-15);
  EXPECT_EQ(part[1], 0);
  EXPECT_DOUBLE_EQ(forest.expected_depth(), (9.0 / 4 + kC4) / 2);
  EXPECT_NEAR(std::accumulate(part.begin(), part.end(), 0.0), (forest.expected_depth() - forest.mean_depth(row)) / kC4,
              1e-15);
}

/// The definition: node after node, tree after tree.
std::vector<double> walked_contributions(const ForestView& forest, const std::vector<float>& row) {
  const std::vector<double> expected = expected_depths(forest);
  std::vector<double> parts(row.size());
  for (std::size_t node : forest.root)
    while (!forest.is_leaf(node)) {
      const std::size_t next = forest.child(node, row.data());
      parts[forest.feature[node]] += expected[node] - expected[next];
      node = next;
    }
  for (double& x : parts) x /= static_cast<double>(forest.root.size()) * average_depth(forest.samples);
  return parts;
}

void expect_walked_contributions(const Shape& shape, bool has_nan) {
  RandomForest random(shape, shape.columns);
  const Forest forest(random.arrays());
  for (int i = 0; i < 50; ++i) {
    std::vector<float> row = random.rows(1);
    for (std::size_t c = 0; has_nan && c < row.size(); c += 3) row[c] = std::nanf("");
    const auto parts = forest.contributions(row), expected = walked_contributions(forest.view(), row);
    for (std::size_t c = 0; c < row.size(); ++c) EXPECT_NEAR(parts[c], expected[c], 1e-13) << c;
    EXPECT_NEAR(std::accumulate(parts.begin(), parts.end(), 0.0),
                (forest.expected_depth() - forest.mean_depth(row)) / average_depth(forest.view().samples), 1e-13);
  }
}

TEST(Forest, ContributionsAreThoseOfThePathAlsoOfRowsWithNaN) {
  for (const bool has_nan : {false, true}) {
    for (const std::uint32_t columns : {1U, 2U, 18U, 64U})
      for (const bool has_missing : {false, true})
        expect_walked_contributions({.columns = columns, .trees = 30, .has_missing = has_missing}, has_nan);
    expect_walked_contributions({.columns = 5, .trees = 7, .depth = 20}, has_nan);
    expect_walked_contributions({.columns = 5, .trees = 14, .depth = 0}, has_nan);
  }
}

TEST(Forest, CopiesShareTheirArrays) {
  const Forest forest(two_trees());
  const Forest copy = forest;  // NOLINT(performance-unnecessary-copy-initialization): the copy is what is tested
  EXPECT_EQ(copy.view().root.data(), forest.view().root.data());
}

}  // namespace
}  // namespace weir
