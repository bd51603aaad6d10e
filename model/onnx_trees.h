#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"

namespace weir {
namespace onnx {
class Node;
}

/// How a node compares a value with its threshold; numbers are those of TreeEnsemble's nodes_modes.
enum class OnnxComparison : std::uint8_t { kLeq = 0, kLt = 1, kGte = 2, kGt = 3 };

struct OnnxTreeNode {
  bool is_leaf = false;
  double weight = 0;  ///< of a leaf, over all targets
  OnnxComparison comparison = OnnxComparison::kLeq;
  std::size_t feature = 0;
  double threshold = 0;
  std::size_t when_true = 0, when_false = 0;  ///< places in OnnxTrees::nodes
  bool is_missing_true = false;
  double hitrate = 0;
};

/// A tree ensemble as the file has it, whichever operator wrote it: TreeEnsembleRegressor of ai.onnx.ml 1 to 5 or
/// TreeEnsemble of 5. Places are in bounds, nothing else is sure.
struct OnnxTrees {
  std::vector<OnnxTreeNode> nodes = {};
  std::vector<std::size_t> roots = {};
  std::size_t targets = 1;
  bool is_average = false;  ///< over the trees, else their sum
  bool has_missing = false, has_hitrates = false;
};

[[nodiscard]] Result<OnnxTrees> read_tree_ensemble_regressor(const onnx::Node& node);
[[nodiscard]] Result<OnnxTrees> read_tree_ensemble(const onnx::Node& node);

}  // namespace weir
