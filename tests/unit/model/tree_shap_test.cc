#include "tree_shap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <optional>

#include "forest.h"
#include "forest_check.h"
#include "forests.h"
#include "gauss_legendre.h"
#include "random_forest.h"

namespace weir {
namespace {

using Parts = std::vector<double>;

Parts shap_of(const ForestView& forest, const std::vector<float>& row) {
  Parts parts(row.size(), 7);
  TreeShap(forest).explain(row, parts);
  return parts;
}

/// Mean depth where only the features of the set are known: each other split is averaged over.
double depth_knowing(const ForestView& forest, std::size_t node, const float* row, std::uint32_t known) {
  if (forest.is_leaf(node)) return forest.value[node];
  if (known >> forest.feature[node] & 1) return depth_knowing(forest, forest.child(node, row), row, known);
  const std::uint32_t left = forest.left[node], right = forest.right[node];
  return (forest.rows[left] * depth_knowing(forest, left, row, known) +
          forest.rows[right] * depth_knowing(forest, right, row, known)) /
         forest.rows[node];
}

/// Shapley's formula word for word, over all sets of features.
Parts brute_force(const ForestView& forest, const std::vector<float>& row) {
  const auto columns = static_cast<std::uint32_t>(row.size());
  Parts of_set(std::size_t{1} << columns), parts(columns);
  for (std::uint32_t set = 0; set < of_set.size(); ++set)
    for (const std::uint32_t root : forest.root) of_set[set] += depth_knowing(forest, root, row.data(), set);
  for (std::uint32_t j = 0; j < columns; ++j)
    for (std::uint32_t set = 0; set < of_set.size(); ++set) {
      if (set >> j & 1) continue;
      const auto others = static_cast<std::uint32_t>(std::popcount(set));
      const double weight = std::tgamma(others + 1) * std::tgamma(columns - others) / std::tgamma(columns + 1);
      parts[j] -= weight * (of_set[set | 1U << j] - of_set[set]);
    }
  for (double& x : parts) x /= static_cast<double>(forest.root.size()) * average_depth(forest.samples);
  return parts;
}

struct OnPath {
  bool follows = true;
  long double share = 1;
};

/// Sum over s of (the sets of s features among the others: the product of their shares or steps) s! (m-1-s)! / m!.
long double weighted_sets(const std::vector<OnPath>& others) {
  std::vector<long double> of_size = {1};
  for (const OnPath& other : others) {
    of_size.push_back(0);
    for (std::size_t s = of_size.size(); s-- > 0;)
      of_size[s] = of_size[s] * other.share + (s > 0 && other.follows ? of_size[s - 1] : 0);
  }
  long double sum = 0;
  const auto m = static_cast<long double>(of_size.size());
  for (std::size_t s = 0; s < of_size.size(); ++s)
    sum += of_size[s] * std::exp(std::lgamma(static_cast<long double>(s) + 1) +
                                 std::lgamma(m - static_cast<long double>(s)) - std::lgamma(m + 1));
  return sum;
}

/// The same by leaves, for paths of too many features for all sets: sizes are counted, nothing is integrated.
void add_leaves(const ForestView& forest, std::size_t node, const std::vector<float>& row,
                std::vector<std::optional<OnPath>> path, Parts& parts) {
  if (!forest.is_leaf(node)) {
    const std::uint16_t feature = forest.feature[node];
    for (const std::size_t child : {forest.left[node], forest.right[node]}) {
      auto below = path;
      OnPath& own = below[feature] ? *below[feature] : below[feature].emplace();
      own.follows = own.follows && child == forest.child(node, row.data());
      own.share *= static_cast<long double>(forest.rows[child]) / forest.rows[node];
      add_leaves(forest, child, row, below, parts);
    }
    return;
  }
  for (std::size_t j = 0; j < path.size(); ++j) {
    if (!path[j]) continue;
    std::vector<OnPath> others;
    for (std::size_t i = 0; i < path.size(); ++i)
      if (path[i] && i != j) others.push_back(*path[i]);
    parts[j] -= forest.value[node] * static_cast<double>((path[j]->follows - path[j]->share) * weighted_sets(others));
  }
}

Parts by_leaves(const ForestView& forest, const std::vector<float>& row) {
  Parts parts(row.size());
  for (const std::uint32_t root : forest.root)
    add_leaves(forest, root, row, std::vector<std::optional<OnPath>>(row.size()), parts);
  for (double& x : parts) x /= static_cast<double>(forest.root.size()) * average_depth(forest.samples);
  return parts;
}

double greatest(const Parts& parts) {
  double most = 0;
  for (const double x : parts) most = std::max(most, std::abs(x));
  return most;
}

/// To 1e-12 of the row's greatest part.
void expect_near(const Parts& parts, const Parts& expected) {
  ASSERT_EQ(parts.size(), expected.size());
  for (std::size_t j = 0; j < parts.size(); ++j) EXPECT_NEAR(parts[j], expected[j], 1e-12 * greatest(expected)) << j;
}

std::vector<float> with_nan(std::vector<float> row, std::size_t every) {
  for (std::size_t i = 0; i < row.size(); i += every) row[i] = std::nanf("");
  return row;
}

/// A path of one split after another, each taking one row off to the right.
ForestArrays chain(unsigned depth, std::uint32_t columns) {
  ForestArrays f;
  f.samples = depth + 1;
  f.columns = columns;
  f.root = {0};
  const auto append = [&](std::uint32_t feature, std::uint32_t left, std::uint32_t rows, double value) {
    f.feature.push_back(static_cast<std::uint16_t>(feature));
    f.threshold.push_back(left == 0 ? 0 : 0.5F);
    f.left.push_back(left);
    f.right.push_back(left == 0 ? 0 : left + 1);
    f.rows.push_back(rows);
    f.value.push_back(value);
  };
  append(0, 1, depth + 1, 0);
  for (std::uint32_t level = 1; level <= depth; ++level) {
    const bool is_last = level == depth;
    append(is_last ? 0 : level % columns, is_last ? 0 : 2 * level + 1, depth + 1 - level, is_last ? depth : 0);
    append(0, 0, 1, level);
  }
  return f;
}

TEST(GaussLegendre, IntegratesPolynomialsExactly) {
  for (std::size_t n = 4; n <= 32; n += 4)
    for (const std::size_t degree : {std::size_t{0}, std::size_t{1}, n, 2 * n - 1}) {
      double sum = 0;
      for (std::size_t k = 0; k < n; ++k) {
        const auto [t, weight] = gauss_legendre(k, n);
        sum += weight * std::pow(t, static_cast<double>(degree));
      }
      EXPECT_NEAR(sum * static_cast<double>(degree + 1), 1, 1e-13) << n << " points, degree " << degree;
    }
}

TEST(TreeShap, IsTheMeanOverAllOrders) {
  for (std::uint32_t columns = 1; columns <= 6; ++columns)
    for (const bool has_missing : {false, true}) {
      RandomForest random({.columns = columns, .trees = 5, .depth = 9, .has_missing = has_missing}, columns);
      const ForestView forest = random.arrays().view();
      for (int i = 0; i < 20; ++i) {
        const std::vector<float> row = random.rows(1);
        expect_near(shap_of(forest, row), brute_force(forest, row));
        const std::vector<float> missing = with_nan(row, 2);
        expect_near(shap_of(forest, missing), brute_force(forest, missing));
      }
    }
}

TEST(TreeShap, IsExactForWidePaths) {
  for (const std::uint32_t columns : {8U, 9U, 18U, 40U, 64U}) {
    RandomForest random({.columns = columns, .trees = 2, .depth = 12}, columns);
    const std::vector<float> row = random.rows(1);
    expect_near(shap_of(random.arrays().view(), row), by_leaves(random.arrays().view(), row));
  }
}

TEST(TreeShap, IsExactForChainsOfAnyDepth) {
  for (const unsigned depth : {1U, 2U, 7U, 8U, 9U, 16U, 17U, 33U, 64U})
    for (const std::uint32_t columns : {1U, 5U, 64U}) {
      const ForestArrays forest = chain(depth, columns);
      ASSERT_TRUE(check_forest(forest.view()));
      std::vector<float> row(columns, 0);
      expect_near(shap_of(forest.view(), row), by_leaves(forest.view(), row));
      row[columns / 2] = 1;
      expect_near(shap_of(forest.view(), row), by_leaves(forest.view(), row));
      if (columns <= 5) expect_near(shap_of(forest.view(), row), brute_force(forest.view(), row));
    }
}

TEST(TreeShap, SumsToWhatTheDepthLacks) {
  RandomForest random({.trees = 50, .has_missing = true}, 1);
  const Forest forest(random.arrays());
  for (int i = 0; i < 100; ++i) {
    const std::vector<float> row = i % 2 == 0 ? random.rows(1) : with_nan(random.rows(1), 3);
    const Parts parts = shap_of(forest.view(), row);
    EXPECT_NEAR(std::accumulate(parts.begin(), parts.end(), 0.0),
                (forest.expected_depth() - forest.mean_depth(row)) / average_depth(forest.view().samples), 1e-13);
  }
}

TEST(TreeShap, TellsManyRowsAsOneByOne) {
  RandomForest random({.columns = 7, .trees = 9}, 2);
  const TreeShap shap(random.arrays().view());
  const std::vector<float> rows = random.rows(10);
  Parts together(70);
  shap.explain(rows, together);
  for (std::size_t i = 0; i < 10; ++i) {
    Parts alone(7);
    shap.explain(std::span(rows).subspan(7 * i, 7), alone);
    EXPECT_TRUE(std::equal(alone.begin(), alone.end(), together.begin() + static_cast<std::ptrdiff_t>(7 * i)));
  }
}

TEST(TreeShap, GivesNothingToSingleLeavesAndFeaturesThatAreNotAskedFor) {
  const ForestArrays forest = two_trees();  // the second tree is a leaf; splits are on features 0 and 2 only
  std::vector<float> row(kFeatureCount, 2);
  const Parts parts = shap_of(forest.view(), row);
  for (std::size_t j = 0; j < parts.size(); ++j) EXPECT_EQ(parts[j] != 0, j == 0 || j == 2) << j;
  RandomForest leaves({.columns = 3, .trees = 4, .depth = 0}, 1);
  EXPECT_EQ(shap_of(leaves.arrays().view(), {1, 2, 3}), Parts(3));
}

}  // namespace
}  // namespace weir
