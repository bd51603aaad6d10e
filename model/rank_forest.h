#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "forest_view.h"

namespace weir {

/// A forest as the vector paths walk it, 64 or 32 rows at once. In a block of trees each feature has at most 255 thresholds,
/// so a value is its rank among them, one byte, and `x <= threshold` is `rank(x) <= rank(threshold)`. No decision changes:
/// it is exact, for every float but NaN.
///
/// Plain arrays throughout: the files that read them are compiled for newer processors, and an inline function of the
/// standard library compiled there could be the copy that the linker keeps for all.

inline constexpr unsigned kRankDepth = 8;
inline constexpr std::size_t kRankLeaves = 1U << kRankDepth;
inline constexpr std::size_t kMaxRankColumns = 64;

/// Filled up to depth 8, in level order: node i's children are 2i + 1 and 2i + 2. A leaf further up goes on to the left.
struct RankTree {
  /// rank(x) > rank goes right. Less 128, because AVX2 compares signed bytes only.
  alignas(64) std::int8_t rank[kRankLeaves];
  alignas(64) std::uint8_t feature[kRankLeaves];
  double value[kRankLeaves];  ///< of the leaves, from left to right
};

/// Trees that share one set of thresholds.
struct RankBlock {
  std::size_t first_tree, end_tree;
  /// In RankView::thresholds; of each column 255 sorted ones in level order and one unused; where there are fewer, infinity.
  std::size_t first_threshold;
};

struct RankView {
  std::size_t columns;
  const RankTree* trees;
  const RankBlock* blocks;
  std::size_t block_count;
  const float* thresholds;
};

struct RankForest {
  std::size_t columns = 0;
  std::vector<RankTree> trees;
  std::vector<RankBlock> blocks;
  std::vector<float> thresholds;

  RankView view() const { return {columns, trees.data(), blocks.data(), blocks.size(), thresholds.data()}; }
};

/// Nothing if a tree is deeper than 8 or the rows are wider than 64.
std::optional<RankForest> build_rank_forest(const ForestView& forest);

/// The sum of the leaves' values over all trees in their order, for `count` rows of forest.columns floats; NaN for a row
/// that holds a NaN. Only on processors that have the instructions.
void rank_sums_avx2(const RankView& forest, const float* rows, std::size_t count, double* sums);
void rank_sums_avx512(const RankView& forest, const float* rows, std::size_t count, double* sums);

}  // namespace weir
