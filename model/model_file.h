#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "model.h"

namespace weir {

/// Model files; MODEL.md describes the bytes.

/// Reads a file as if an enemy had written it: whatever is wrong is an error that names file and field. What it returns
/// may be scored with.
[[nodiscard]] Result<Model> load_model(const std::string& path);

/// Writes a new file beside `path`, then renames it: a reader sees the old model or the new one.
[[nodiscard]] Result<void> save_model(const Model& model, const std::string& path);

/// The same in memory.
[[nodiscard]] Result<Model> model_from_bytes(std::span<const std::uint8_t> bytes);
[[nodiscard]] Result<std::vector<std::uint8_t>> model_to_bytes(const Model& model);
/// The SHA-256 that its file carries, hex; empty where it cannot be written.
std::string model_hash(const Model& model);

}  // namespace weir
