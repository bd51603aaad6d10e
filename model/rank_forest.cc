#include "rank_forest.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace weir {
namespace {

constexpr std::size_t kMostRanks = 255;
constexpr std::int8_t kAlwaysLeft = 127;  // no rank is greater

using Thresholds = std::vector<std::vector<float>>;  // by column, sorted, each once

unsigned depth_of(const ForestView& forest, std::size_t node) {
  if (forest.is_leaf(node)) return 0;
  return 1 + std::max(depth_of(forest, forest.left[node]), depth_of(forest, forest.right[node]));
}

std::size_t end_of_tree(const ForestView& forest, std::size_t tree) {
  return tree + 1 < forest.root.size() ? forest.root[tree + 1] : forest.feature.size();
}

Thresholds thresholds_of(const ForestView& forest, std::size_t tree) {
  Thresholds all(forest.columns);
  for (std::size_t node = forest.root[tree]; node < end_of_tree(forest, tree); ++node)
    if (!forest.is_leaf(node)) all[forest.feature[node]].push_back(forest.threshold[node]);
  for (std::vector<float>& column : all) {
    std::sort(column.begin(), column.end());
    column.erase(std::unique(column.begin(), column.end()), column.end());
  }
  return all;
}

/// False, and `block` as it was, if a column would have too many.
bool merge(Thresholds& block, const Thresholds& tree) {
  Thresholds merged(block.size());
  for (std::size_t c = 0; c < block.size(); ++c) {
    std::set_union(block[c].begin(), block[c].end(), tree[c].begin(), tree[c].end(), std::back_inserter(merged[c]));
    if (merged[c].size() > kMostRanks) return false;
  }
  block = std::move(merged);
  return true;
}

/// Sorted values into level order: node i's subtree holds the values from `begin` on.
void lay_out(const std::vector<float>& sorted, std::size_t node, std::size_t& begin, float* out) {
  if (node >= kMostRanks) return;
  lay_out(sorted, 2 * node + 1, begin, out);
  out[node] = begin < sorted.size() ? sorted[begin] : std::numeric_limits<float>::infinity();
  ++begin;
  lay_out(sorted, 2 * node + 2, begin, out);
}

void append_level_order(const Thresholds& thresholds, std::vector<float>& out) {
  for (const std::vector<float>& column : thresholds) {
    out.resize(out.size() + kRankLeaves);
    std::size_t begin = 0;
    lay_out(column, 0, begin, out.data() + out.size() - kRankLeaves);
  }
}

/// Puts the node at place `at` of the filled tree, its subtree below it.
void place(const ForestView& forest, const Thresholds& thresholds, std::size_t node, std::size_t at, RankTree& tree) {
  if (at >= kRankLeaves - 1) {
    tree.value[at - (kRankLeaves - 1)] = forest.value[node];
    return;
  }
  if (forest.is_leaf(node)) {
    tree.rank[at] = kAlwaysLeft;
    place(forest, thresholds, node, 2 * at + 1, tree);
    return;
  }
  const std::vector<float>& column = thresholds[forest.feature[node]];
  const auto rank = std::lower_bound(column.begin(), column.end(), forest.threshold[node]) - column.begin();
  tree.rank[at] = static_cast<std::int8_t>(rank - 128);
  tree.feature[at] = static_cast<std::uint8_t>(forest.feature[node]);
  place(forest, thresholds, forest.left[node], 2 * at + 1, tree);
  place(forest, thresholds, forest.right[node], 2 * at + 2, tree);
}

bool fits(const ForestView& forest) {
  return forest.columns <= kMaxRankColumns && std::all_of(forest.root.begin(), forest.root.end(), [&](std::uint32_t root) {
           return depth_of(forest, root) <= kRankDepth;
         });
}

}  // namespace

std::optional<RankForest> build_rank_forest(const ForestView& forest) {
  if (!fits(forest)) return std::nullopt;
  RankForest out;
  out.columns = forest.columns;
  out.trees.resize(forest.root.size());
  for (std::size_t begin = 0, end = 0; begin < out.trees.size(); begin = end) {
    Thresholds thresholds = thresholds_of(forest, begin);  // one tree has 255 inner nodes at most
    for (end = begin + 1; end < out.trees.size() && merge(thresholds, thresholds_of(forest, end));) ++end;
    for (std::size_t t = begin; t < end; ++t) place(forest, thresholds, forest.root[t], 0, out.trees[t]);
    out.blocks.push_back({begin, end, out.thresholds.size()});
    append_level_order(thresholds, out.thresholds);
  }
  return out;
}

}  // namespace weir
