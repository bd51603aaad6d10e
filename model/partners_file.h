#pragma once

#include <optional>

#include "base/result.h"
#include "detectors.h"
#include "safetensors.h"

namespace weir {

/// The part of a model file that holds what stands beside the forest; MODEL.md describes the bytes.

/// None in a file of a forest alone. Checked as hostile input.
[[nodiscard]] Result<std::optional<Partners>> read_partners(const Safetensors& content);
void put_partners(const Partners& partners, Safetensors& content);

}  // namespace weir
