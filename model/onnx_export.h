#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "column_forest.h"

namespace weir {

/// An ONNX file (TreeEnsembleRegressor of ai.onnx.ml 3, so that old runtimes take it) that computes `score` [N, 1] of
/// `rows` [N, columns], both 64-bit: the same scores as ColumnForest::score(), but for the last digits of 2^x. Of a model of
/// the sensor it takes untransformed features.
[[nodiscard]] Result<std::vector<std::uint8_t>> forest_to_onnx(const ColumnForest& forest);

}  // namespace weir
