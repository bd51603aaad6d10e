#pragma once

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "safetensors.h"

namespace weir {

/// Reads fields one after the other and remembers the first error, so that the code that lists them stays a list.
class FieldReader {
 public:
  explicit FieldReader(const Safetensors& content) : content_(content) {}

  std::string text(const std::string& name) {
    auto value = content_.get_text(name);
    if (value && !is_printable(*value)) value = fail(EBADMSG, name + ": control characters or too long");
    return keep(std::move(value));
  }

  template <class T>
  T number(const std::string& name) {
    const std::string digits = text(name);
    T value{};
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size())
      keep<T>(fail(EBADMSG, name + ": not a number that fits"));
    return value;
  }

  template <class T>
  std::vector<T> array(const std::string& name) {
    return keep(content_.get<T>(name));
  }

  [[nodiscard]] const Result<void>& result() const { return result_; }

 private:
  static constexpr std::size_t kMaxTextBytes = 1024;

  /// Texts end up in logs and on terminals.
  static bool is_printable(const std::string& text) {
    return text.size() <= kMaxTextBytes && std::none_of(text.begin(), text.end(), [](char c) {
             const auto byte = static_cast<unsigned char>(c);
             return byte < 0x20 || byte == 0x7f;
           });
  }

  template <class T>
  T keep(Result<T> value) {
    if (value) return std::move(*value);
    if (result_) result_ = tl::make_unexpected(value.error());
    return T{};
  }

  const Safetensors& content_;
  Result<void> result_;
};

}  // namespace weir
