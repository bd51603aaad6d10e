#pragma once

#include "base/result.h"
#include "forest_view.h"

namespace weir {

inline constexpr std::size_t kMaxTrees = 10'000;
/// A tree over 256 samples has depth 8; imported ones go deeper, but a path is walked for every score.
inline constexpr unsigned kMaxTreeDepth = 64;
/// CompactForest links nodes by 24 bits.
inline constexpr std::size_t kMaxNodes = std::size_t{1} << 24;
inline constexpr std::uint32_t kMaxColumns = 64;

/// Whether arrays from outside may be trusted with a Forest: bounds, no cycle, every node reachable exactly once, depth,
/// finite numbers, row counts that add up. The error names array and place: "left[17]: child 3 is not after its parent".
[[nodiscard]] Result<void> check_forest(const ForestView& forest);

}  // namespace weir
