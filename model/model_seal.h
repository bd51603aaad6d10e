#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace weir {

/// A model file carries the SHA-256 of itself, taken with the 64 digits of that hash as '0'. The digits stand behind the
/// first `"sha256":"`: inside a JSON text a quote is escaped, so no other text can look like it.
/// It guards against damage, not against forgery.
bool is_sealed(std::span<const std::uint8_t> file);

/// Writes the hash into its place; false if the file has no such place.
bool seal(std::vector<std::uint8_t>& file);

}  // namespace weir
