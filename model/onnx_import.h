#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "column_forest.h"

namespace weir {

/// A node takes 50 to 70 bytes: room for as many nodes as a model file holds.
inline constexpr std::size_t kMaxOnnxBytes = 256 << 20;

struct OnnxImport {
  ColumnForest forest;
  bool compares_doubles = false;  ///< the graph compares rows as they come, the forest as 32-bit floats
};

/// A forest that scores as an ONNX graph does: one tree ensemble and 2^(-depth / c) of its output. Read as if an enemy had
/// written it; whatever is not understood is an error that names the operator, the attribute or the place.
[[nodiscard]] Result<OnnxImport> forest_from_onnx(std::span<const std::uint8_t> bytes);

}  // namespace weir
