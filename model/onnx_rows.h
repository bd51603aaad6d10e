#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "onnx_layout.h"

namespace weir {

/// The whole number whose average_depth() is nearest to `depth`, if it is within 1e-6 of it: relative, and of 1 below that.
std::optional<std::uint32_t> rows_of_depth(double depth);

/// How many training rows came through each node: what the file says (hit rates that add up), else what the leaves' values
/// tell, each being depth + c(rows), else one a leaf. Values are in units of depth.
std::vector<std::uint32_t> find_rows(const LaidTrees& trees, bool has_hitrates, std::uint32_t samples);

}  // namespace weir
