#pragma once

#include <string>

#include "base/result.h"

namespace weir {

/// Replaces the content of a file that is there in one step; mode and owner stay, and a symbolic link stays one. An error
/// leaves it as it was.
[[nodiscard]] Result<void> replace_file(const std::string& path, const std::string& text);

}  // namespace weir
