#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace weir {

/// The head of a request as some server behind it might read it: percent-decoded twice ('+' is a space), overlong UTF-8 and
/// %uXXXX resolved, in lower case. What reads as a line's end only once decoded ends no line.
class RequestText {
 public:
  static constexpr std::size_t kMostBytes = 256;  ///< of a head; the rest is not looked at

  explicit RequestText(std::string_view head);

  /// The request line, with the byte that ends it unless the head ends before.
  std::string_view line() const { return {text_.data(), line_bytes_}; }
  std::string_view all() const { return {text_.data(), bytes_}; }

 private:
  std::array<char, kMostBytes> text_;
  std::size_t line_bytes_ = 0, bytes_ = 0;
};

}  // namespace weir
