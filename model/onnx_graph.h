#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "onnx.pb.h"
#include "onnx_trees.h"

namespace weir {

/// What a graph computes of its rows: 2^(exponent * the ensemble's output), or minus that. A graph that computes anything
/// else is refused, with the node or output that is not understood in the error.
struct OnnxScore {
  OnnxTrees trees;
  double exponent = 0;              ///< for the sum over trees and targets
  std::size_t columns = 0;          ///< of the input; 0 where the file leaves it open
  bool compares_doubles = false;    ///< rows are not rounded to 32-bit floats before trees see them
  std::optional<double> threshold;  ///< scores from there on are labelled outliers
};

[[nodiscard]] Result<OnnxScore> read_onnx_graph(const onnx::Model& model);

}  // namespace weir
