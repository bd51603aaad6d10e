#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "forest_check.h"
#include "forest_view.h"

namespace weir {

/// Shapley values of a forest's mean depth, exact for any depth. A feature that is left out is averaged over by the training
/// rows that went either way: path-dependent TreeSHAP (Lundberg et al., Nature Machine Intelligence 2, 2020). Dearer than
/// Forest::contributions() by thirty to forty times, but the order of the splits on a path does not matter to it.
///
/// A leaf of value v gives feature j of its path v (o_j - z_j) times the integral over t in 0..1 of the product over the
/// path's other features i of (o_i t + z_i (1 - t)), where o_i is 1 if the row goes with all of the path's splits on i, else
/// 0, and z_i the share of training rows that does: the integral of t^s (1 - t)^(m-1-s) is s! (m-1-s)! / m!, the weight of
/// s features among m. The product is a polynomial, so Gauss and Legendre's rule with half as many points as features is
/// exact, and all leaves below a node share their sums at the points (the idea: Yu et al., Linear TreeShap, NeurIPS 2022).
///
/// Immutable, and needs nothing of the forest's arrays once it is made: threads may share one.
class TreeShap {
 public:
  /// Of arrays that pass check_forest().
  explicit TreeShap(const ForestView& forest);

  /// For each row (`columns` floats, one row after the other) as many parts, in the units and with the sign of
  /// Forest::contributions(): they sum to (expected_depth - mean_depth) / c(samples), > 0 made the row stranger. The Python
  /// package `shap` explains the mean depth itself, so its values are these times -c(samples). Memory while it works: 48
  /// bytes a node of the largest tree.
  void explain(std::span<const float> rows, std::span<double> parts) const;

 private:
  static constexpr std::size_t kLanes = 4;  // points at once; a tree of depth 8 needs no more
  using Points = std::array<double, kLanes>;
  struct Rule {
    Points t, weight, rest, rest_inverse;  // rest: 1 - t
  };
  /// A tree's splits come level by level, then its leaves: so are places counted.
  struct Split {
    double share[2];         // of the split's training rows that go left, right
    double share_above;      // z of its feature by earlier splits of the path; 1: there is none
    std::uint32_t child[2];  // places
    std::uint32_t earlier;   // the last split of the path on the same feature; the number of splits: none
    float threshold;
    std::uint8_t feature, missing_side;
    std::uint8_t earlier_side;  // where the path goes from there: 0 left, 1 right
  };
  struct Tree {
    std::size_t first_split, splits, first_leaf;
    std::size_t most_features;  // on one path
  };
  struct Origin;
  struct Scratch;

  void append_tree(const ForestView& forest, double expected, std::size_t root, std::size_t end);
  Split split_at(const ForestView& forest, const Tree& tree, std::vector<Origin>& origins, std::size_t place) const;
  void add_tree(const Tree& tree, const Rule& rule, const float* row, Scratch& scratch, Points* parts) const;
  static void spread(std::span<const Split> splits, const Rule& rule, const float* row, Scratch& scratch);
  static void gather(std::span<const Split> splits, const Rule& rule, Scratch& scratch, Points* parts);

  std::size_t columns_;
  double all_units_;                                                   // trees times c(samples)
  std::array<std::vector<Rule>, kMaxTreeDepth / (2 * kLanes)> rules_;  // [w]: one rule of 4 (w + 1) points, 4 by 4
  std::vector<Split> splits_;
  std::vector<double> leaf_;
  std::vector<Tree> trees_;
};

}  // namespace weir
