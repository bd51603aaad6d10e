#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weir {

/// Mean depth at which a search among `rows` random rows ends (Liu, Ting, Zhou 2008, eq. 1), with c(1) = 0 and c(2) = 1
/// as scikit-learn has it; the paper's formula would give c(2) = 0.154, and some projects use that.
double average_depth(std::uint32_t rows);

/// All trees of a forest, node after node: place i of each array describes node i. A tree's nodes lie together, its root
/// first, and a child's number is greater than its parent's, so no tree has a cycle. Whatever the arrays come from
/// (constants in the binary, a file, the trainer), this is how they are read.
struct ForestView {
  std::uint32_t samples = 0;                   ///< rows that each tree was grown from
  std::uint32_t columns = 0;                   ///< of a row that is scored
  std::span<const std::uint32_t> root;         ///< first node of each tree
  std::span<const std::uint16_t> feature;      ///< column that the node looks at
  std::span<const float> threshold;            ///< x <= threshold goes left
  std::span<const std::uint32_t> left, right;  ///< both 0 in a leaf
  std::span<const std::uint32_t> rows;         ///< training rows that came through
  /// In a leaf: depth + average_depth(rows), else 0. Written down rather than computed from `rows`, because that is
  /// where implementations disagree.
  std::span<const double> value;

  std::span<const std::uint8_t> missing_left;  ///< 1: a NaN goes left; empty: none does

  bool is_leaf(std::size_t node) const { return left[node] == 0; }
  std::size_t child(std::size_t node, const float* row) const {
    const float x = row[feature[node]];
    const bool goes_left = x <= threshold[node] || (x != x && !missing_left.empty() && missing_left[node] != 0);
    return goes_left ? left[node] : right[node];
  }
};

/// By node, the mean value of the leaves below, weighted by the training rows that came through them.
std::vector<double> expected_depths(const ForestView& forest);

inline bool has_nan(std::span<const float> row) {
  return std::any_of(row.begin(), row.end(), [](float x) { return std::isnan(x); });
}

/// The same arrays in memory of their own.
struct ForestArrays {
  std::uint32_t samples = 0;
  std::uint32_t columns = 0;
  std::vector<std::uint32_t> root;
  std::vector<std::uint16_t> feature;
  std::vector<float> threshold;
  std::vector<std::uint32_t> left, right, rows;
  std::vector<double> value;
  std::vector<std::uint8_t> missing_left;

  ForestView view() const { return {samples, columns, root, feature, threshold, left, right, rows, value, missing_left}; }
};

}  // namespace weir
