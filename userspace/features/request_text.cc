#include "features/request_text.h"

#include <algorithm>
#include <cstdint>

#include "weir_abi.h"

namespace weir {
namespace {

static_assert(RequestText::kMostBytes >= WEIR_SAMPLE_BYTES);

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// The number that `digits` begins with, in `count` hexadecimal digits; -1: it does not.
int hex_number(std::string_view digits, std::size_t count) {
  if (digits.size() < count) return -1;
  int number = 0;
  for (const char c : digits.substr(0, count)) {
    if (hex_digit(c) < 0) return -1;
    number = number * 16 + hex_digit(c);
  }
  return number;
}

/// What IIS makes of %uXXXX: the fullwidth forms of ASCII and the mathematical slashes become ASCII.
char narrow(int code) {
  if (code >= 0xFF01 && code <= 0xFF5E) return static_cast<char>(code - 0xFEE0);
  if (code == 0x2215 || code == 0x2044) return '/';
  if (code == 0x2216) return '\\';
  return static_cast<char>(code < 0x100 ? code : '?');
}

struct Decoded {
  char c;
  std::size_t read;  ///< bytes
};

Decoded decode_front(std::string_view text) {
  if (text[0] == '+') return {' ', 1};
  if (text[0] != '%') return {text[0], 1};
  if (const int byte = hex_number(text.substr(1), 2); byte >= 0) return {static_cast<char>(byte), 3};
  if (text.size() > 1 && (text[1] | 0x20) == 'u')
    if (const int code = hex_number(text.substr(2), 4); code >= 0) return {narrow(code), 6};
  return {'%', 1};
}

/// UTF-8 that spends two to four bytes on ASCII, valid continuation or not (IIS took %c1%1c for a backslash).
Decoded fold_front(std::string_view text) {
  const auto at = [text](std::size_t i) { return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0U; };
  const std::size_t lead = at(0) == 0xE0 ? 1 : at(0) == 0xF0 && at(1) == 0x80 ? 2 : 0;
  const unsigned high = at(lead);
  const bool is_overlong =
      lead + 1 < text.size() && (lead == 0 ? high == 0xC0 || high == 0xC1 : high == 0x80 || high == 0x81);
  if (!is_overlong) return {text[0], 1};
  return {static_cast<char>((high & 1) << 6 | (at(lead + 1) & 0x3F)), lead + 2};
}

/// In place: no step writes more than it read. Returns the new size.
std::size_t rewrite(char* text, std::size_t size, Decoded (*front)(std::string_view)) {
  std::size_t written = 0;
  for (std::size_t at = 0; at < size;) {
    const Decoded next = front({text + at, size - at});
    text[written++] = next.c;
    at += next.read;
  }
  return written;
}

/// A vertical tab is a space to SQL and none to RE2.
char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c == '\v' ? ' ' : c; }

std::size_t normalize(char* text, std::size_t size) {
  for (int round = 0; round < 2; ++round) size = rewrite(text, size, decode_front);
  size = rewrite(text, size, fold_front);
  std::transform(text, text + size, text, to_lower);
  return size;
}

}  // namespace

RequestText::RequestText(std::string_view head) {
  head = head.substr(0, kMostBytes);
  const std::size_t end = head.find_first_of("\r\n");
  const std::size_t raw_line = end == head.npos ? head.size() : end + 1;
  std::copy_n(head.begin(), raw_line, text_.begin());
  line_bytes_ = normalize(text_.data(), raw_line);
  std::copy(head.begin() + raw_line, head.end(), text_.begin() + line_bytes_);
  bytes_ = line_bytes_ + normalize(text_.data() + line_bytes_, head.size() - raw_line);
}

}  // namespace weir
