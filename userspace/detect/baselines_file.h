#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "detect/baselines.h"

namespace weir {

inline constexpr std::size_t kMostPasts = std::size_t{1} << 18;  ///< hosts of each kind of past that a file holds
inline constexpr std::size_t kMostUses = std::size_t{1} << 19;
inline constexpr std::size_t kMaxBaselinesBytes = std::size_t{80} << 20;

/// Puts all in an order of its own, so that the same knowledge gives the same bytes, and leaves no more than a file holds:
/// hosts seen most recently. Returns how many of hosts and uses went.
std::size_t arrange(Baselines& baselines);

/// A safetensors container with a hash of itself, as model files are. `baselines`: arranged.
[[nodiscard]] Result<std::vector<std::uint8_t>> baselines_to_bytes(const Baselines& baselines);

/// Reads it as if an enemy had written it: an error names the field. What it returns may be judged by.
[[nodiscard]] Result<Baselines> baselines_from_bytes(std::span<const std::uint8_t> bytes);

}  // namespace weir
