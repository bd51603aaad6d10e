#pragma once

#include <cstdint>
#include <span>
#include <stop_token>

#include "forest_view.h"
#include "row_table.h"

namespace weir {

struct GrowOptions {
  unsigned trees = 300;
  unsigned samples = 256;  ///< rows for each tree; all rows where there are fewer
  std::uint64_t seed = 1;
  unsigned threads = 1;          ///< however many there are, the forest is the same
  std::uint64_t first_tree = 0;  ///< number of the first tree: a later forest of the same seed goes on where the last ended
  std::stop_token stop = {};     ///< looked at between two forests: what comes after it is worth nothing
};

/// Grows an Isolation Forest (Liu, Ting, Zhou: Isolation Forest, ICDM 2008, with scikit-learn's choices: depth at most
/// ceil(log2(samples)), a split on a feature that varies) from the given rows of the table, at least 2, at most kMaxColumns
/// wide, all finite. A tree depends on the seed and its own number alone.
ForestArrays grow_forest(const RowTable& table, std::span<const std::uint32_t> rows, const GrowOptions& options);
/// From all rows.
ForestArrays grow_forest(const RowTable& table, const GrowOptions& options);

}  // namespace weir
