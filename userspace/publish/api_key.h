#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir {

/// The secret that a client must show: 16 or more printable characters without blanks, for it travels in a header.
class ApiKey {
 public:
  /// WEIR_API_KEY, else AIOPS_API_KEY, else the first line of `key_file` (unless that is ""); nullopt where none of them is
  /// set. A key that is set but empty or weak, or a file that every user may read, is an error: nothing falls through.
  [[nodiscard]] static Result<std::optional<ApiKey>> read(const std::string& key_file);

  /// Takes a time that depends on `offered` alone.
  bool matches(std::string_view offered) const;
  /// For a client that shows it.
  const std::string& text() const { return text_; }

 private:
  explicit ApiKey(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] static Result<std::optional<ApiKey>> check(std::string text, const std::string& origin);

  std::string text_;
};

}  // namespace weir
