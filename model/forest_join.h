#pragma once

#include <cstddef>

#include "forest_view.h"

namespace weir {

/// Puts the trees of `from` beginning with number `first` behind those of `to`. Both have a place for missing values or
/// none.
void append_trees(const ForestView& from, std::size_t first, ForestArrays& to);

/// The forest with its oldest trees replaced by those of `fresh`, which has at most as many: what it learned long ago goes,
/// the rest stays. Both are over the same columns and as many samples.
ForestArrays replace_oldest(const ForestView& forest, const ForestView& fresh);

}  // namespace weir
