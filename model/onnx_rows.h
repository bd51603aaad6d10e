#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "onnx_layout.h"

namespace weir {

/// The mean depth at which a search among so many rows ends, c(n), as one of the libraries has it.
using DepthFormula = double (*)(std::uint32_t);
/// The paper's, which LinkedIn's forests follow: average_depth() but for c(2) = 0.154.
double paper_depth(std::uint32_t rows);
/// 2 H(n) - 2, H(n) the n-th harmonic number by the first terms of its series: coniferest's, which is nearer to the truth.
double harmonic_depth(std::uint32_t rows);

/// The whole number for which the formula gives `depth`, within `tolerance`; nothing if there is none.
std::optional<std::uint32_t> rows_of_depth(double depth, DepthFormula formula, double tolerance);

/// How many training rows came through each node: what the file says (hit rates that add up), else what the leaves' values
/// tell, each being depth + c(rows), else one a leaf. `values` are those of trees.forest, in units of depth.
std::vector<std::uint32_t> find_rows(const LaidTrees& trees, const std::vector<double>& values, bool has_hitrates,
                                     std::uint32_t samples);

}  // namespace weir
