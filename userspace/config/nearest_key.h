#pragma once

#include <string>

namespace weir {

/// The remedy for an unknown key: "did you mean 'interfaces'?", "did you mean 'port' under 'http'?", or, where nothing is
/// near, the keys that `section` ("" = top level) has.
std::string suggest_key(const std::string& section, const std::string& unknown);

/// Whether some key's path begins with "`path`.".
bool is_section(const std::string& path);

}  // namespace weir
