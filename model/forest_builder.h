#pragma once

#include <cstdint>
#include <span>

#include "feature_matrix.h"
#include "forest_view.h"

namespace weir {

struct GrowOptions {
  unsigned trees = 300;
  unsigned samples = 256;  ///< rows for each tree; all rows where there are fewer
  std::uint64_t seed = 1;
};

/// Grows an Isolation Forest from the given rows (places in `features`, at least 2). A tree depends on the seed and its own
/// number alone, so growing trees in another order or on several threads gives the same forest.
ForestArrays grow_forest(const FeatureMatrix& features, std::span<const std::uint32_t> rows, const GrowOptions& options);

}  // namespace weir
