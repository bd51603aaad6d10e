#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir {

/// The remedy for an unknown key: "did you mean 'interfaces'?", "did you mean 'port' under 'http'?", or, where nothing is
/// near, the keys that `section` ("" = top level) has.
std::string suggest_key(const std::string& section, const std::string& unknown);

/// Whether some key's path begins with "`path`.".
bool is_section(const std::string& path);

/// Levenshtein: insertions, deletions and replacements that turn one into the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace weir
