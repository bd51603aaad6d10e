#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "forest_view.h"

namespace weir {

/// A forest for any processor, any depth and single rows: 8 bytes a node, children side by side, a leaf its own child, so
/// that trees are walked together without a branch that could be mispredicted.
class CompactForest {
 public:
  explicit CompactForest(const ForestView& forest);

  /// The sum of the leaves' values over all trees in their order, for one row without NaN.
  double sum(const float* row) const;

 private:
  struct Node {
    float threshold;
    std::uint32_t link;  // left child << 8 | feature; the right child is the next
  };

  template <std::size_t Count>
  void walk_together(std::size_t tree, const float* row, double& sum) const;
  void append_tree(const ForestView& forest, std::size_t root);

  std::vector<Node> nodes_;
  std::vector<double> value_;
  std::vector<std::uint32_t> root_;
  std::vector<std::uint8_t> depth_;  // by tree
};

}  // namespace weir
