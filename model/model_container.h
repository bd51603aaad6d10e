#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "field_reader.h"
#include "forest_view.h"
#include "provenance.h"
#include "safetensors.h"

namespace weir {

/// What every model file has, whoever trained it; MODEL.md describes the bytes.

inline constexpr const char* kModelFormat = "weir-model-1";
inline constexpr std::size_t kMaxModelBytes = 64 << 20;  ///< 300 trees of 256 samples take 1.2 MB

/// The container, if format and hash are right.
[[nodiscard]] Result<Safetensors> open_model_container(std::span<const std::uint8_t> bytes);

/// The bytes of a file with this content: format and hash are added.
[[nodiscard]] Result<std::vector<std::uint8_t>> close_model_container(Safetensors content);

/// The forest for rows of so many columns; safe to score with.
[[nodiscard]] Result<ForestArrays> read_forest(const Safetensors& content, std::uint32_t columns);
void put_forest(const ForestView& forest, Safetensors& content);

/// Where the forest comes from. Errors are the reader's.
Provenance read_provenance(FieldReader& fields, const ForestView& forest);
void put_provenance(const Provenance& from, Safetensors& content);

/// A number as the shortest text that reads back as the same.
std::string exact(double value);

/// Texts joined by commas.
std::vector<std::string> split_names(const std::string& text);
std::string join_names(const std::vector<std::string>& names);

}  // namespace weir
