#include "compact_forest.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace weir {
namespace {

constexpr std::size_t kTogether = 12;  // so that the loads of one tree do not wait for those of another

}  // namespace

CompactForest::CompactForest(const ForestView& forest) {
  nodes_.reserve(forest.feature.size());
  value_.reserve(forest.feature.size());
  for (const std::uint32_t root : forest.root) append_tree(forest, root);
}

/// Level by level, so that children are neighbours.
void CompactForest::append_tree(const ForestView& forest, std::size_t root) {
  constexpr float kAlwaysLeft = std::numeric_limits<float>::infinity();
  const std::size_t first = nodes_.size();
  std::vector<std::pair<std::size_t, std::uint8_t>> source = {{root, 0}};  // of each new node: the old one, its depth
  std::uint8_t deepest = 0;
  for (std::size_t i = 0; i < source.size(); ++i) {
    const auto [old, depth] = source[i];
    deepest = std::max(deepest, depth);
    value_.push_back(forest.value[old]);
    if (forest.is_leaf(old)) {
      nodes_.push_back({kAlwaysLeft, static_cast<std::uint32_t>((first + i) << 8)});
      continue;
    }
    nodes_.push_back(
        {forest.threshold[old], static_cast<std::uint32_t>((first + source.size()) << 8 | forest.feature[old])});
    for (const std::size_t next : {forest.left[old], forest.right[old]})
      source.emplace_back(next, static_cast<std::uint8_t>(depth + 1));
  }
  root_.push_back(static_cast<std::uint32_t>(first));
  depth_.push_back(deepest);
}

template <std::size_t Count>
void CompactForest::walk_together(std::size_t tree, const float* row, double& sum) const {
  std::uint32_t at[Count];
  std::copy_n(root_.begin() + static_cast<std::ptrdiff_t>(tree), Count, at);
  const auto* depths = depth_.data() + tree;
  const unsigned deepest = *std::max_element(depths, depths + Count);
  for (unsigned level = 0; level < deepest; ++level)
#pragma GCC unroll 16
    for (std::size_t k = 0; k < Count; ++k) {
      const Node node = nodes_[at[k]];
      at[k] = (node.link >> 8) + !(row[node.link & 0xff] <= node.threshold);
    }
  for (const std::uint32_t leaf : at) sum += value_[leaf];
}

double CompactForest::sum(const float* row) const {
  double sum = 0;
  std::size_t tree = 0;
  for (; tree + kTogether <= root_.size(); tree += kTogether) walk_together<kTogether>(tree, row, sum);
  for (; tree < root_.size(); ++tree) walk_together<1>(tree, row, sum);
  return sum;
}

}  // namespace weir
