#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "detect/learning_plan.h"

namespace weir {

/// What learning keeps over a restart. A safetensors container with a hash of itself, as model files are; its texts are
/// named as the members above. 23 MiB where the lessons are full.
[[nodiscard]] Result<std::vector<std::uint8_t>> learning_to_bytes(const LearningState& state);

/// Reads it as if an enemy had written it: an error names the field. What it returns may be trained on.
[[nodiscard]] Result<LearningState> learning_from_bytes(std::span<const std::uint8_t> bytes);

inline constexpr std::size_t kMaxLearningBytes = std::size_t{64} << 20;

}  // namespace weir
