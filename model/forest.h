#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "feature_row.h"

namespace weir {

/// Mean depth at which a search among `rows` random rows ends (Liu, Ting, Zhou 2008, eq. 1), with c(1) = 0 and c(2) = 1
/// as scikit-learn has it; the paper's formula would give c(2) = 0.154, and some projects use that.
double average_depth(std::uint32_t rows);

/// All trees of a forest, node after node: place i of each array describes node i. A tree's nodes lie together, its root
/// first, and a child's number is greater than its parent's, so no tree has a cycle. Whatever the arrays come from
/// (constants in the binary, a file, the trainer), this is how they are read.
struct ForestView {
  std::uint32_t samples = 0;                   ///< rows that each tree was grown from
  std::span<const std::uint32_t> root;         ///< first node of each tree
  std::span<const std::uint16_t> feature;      ///< column that the node looks at
  std::span<const float> threshold;            ///< x <= threshold goes left
  std::span<const std::uint32_t> left, right;  ///< both 0 in a leaf
  std::span<const std::uint32_t> rows;         ///< training rows that came through
  /// In a leaf: depth + average_depth(rows), else 0. Written down rather than computed from `rows`, because that is
  /// where implementations disagree.
  std::span<const double> value;

  bool is_leaf(std::size_t node) const { return left[node] == 0; }
};

/// The same arrays in memory of their own.
struct ForestArrays {
  std::uint32_t samples = 0;
  std::vector<std::uint32_t> root;
  std::vector<std::uint16_t> feature;
  std::vector<float> threshold;
  std::vector<std::uint32_t> left, right, rows;
  std::vector<double> value;

  ForestView view() const { return {samples, root, feature, threshold, left, right, rows, value}; }
};

/// An Isolation Forest. Immutable, so copies share the arrays and threads may score with one object.
class Forest {
 public:
  /// Over constants that outlive the forest. Both constructors rely on arrays that pass check_forest().
  explicit Forest(const ForestView& constants);
  explicit Forest(ForestArrays arrays);

  /// Mean over the trees of the leaf's value: small = easily isolated.
  double mean_depth(FeatureSpan row) const;
  /// 2^(-mean depth / c(samples)), in (0, 1).
  double score(FeatureSpan row) const;
  /// For each feature what its splits took off the expected depth, in units of c(samples): path contributions (Saabas).
  /// They sum to (expected_depth() - mean_depth(row)) / c(samples).
  std::array<double, kFeatureCount> contributions(FeatureSpan row) const;
  /// Mean depth of a training row.
  double expected_depth() const;

  const ForestView& view() const { return view_; }

 private:
  std::size_t child(std::size_t node, FeatureSpan row) const;

  std::shared_ptr<const ForestArrays> owned_;  // null over constants
  ForestView view_;
  std::vector<double> expected_;  // by node: mean value of the leaves below, weighted by their rows
  double unit_ = 1;               // c(samples)
};

}  // namespace weir
