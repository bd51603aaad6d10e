#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace weir {

/// A whole regular file of at most `limit` bytes. Errors name the file.
[[nodiscard]] Result<std::vector<std::uint8_t>> read_file(const std::string& path, std::size_t limit);

/// Replaces `path` in one step: writes beside it, syncs, renames. On an error `path` is as it was.
[[nodiscard]] Result<void> write_file(const std::string& path, std::span<const std::uint8_t> bytes);

}  // namespace weir
