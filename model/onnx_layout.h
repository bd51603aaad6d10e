#pragma once

#include <vector>

#include "base/result.h"
#include "forest_view.h"
#include "onnx_trees.h"

namespace weir {

/// The trees in a forest's order and with its one comparison, x <= threshold for every 32-bit x; leaf weights as values.
struct LaidTrees {
  ForestArrays forest;          ///< without rows, samples and columns
  std::vector<double> hitrate;  ///< by node
  std::vector<unsigned> depth;  ///< by node
};
[[nodiscard]] Result<LaidTrees> lay_out(const OnnxTrees& trees);

}  // namespace weir
