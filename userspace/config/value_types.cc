#include "config/value_types.h"

#include <array>
#include <string_view>

namespace weir::value {
namespace {

constexpr std::size_t kShownBytes = 40;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string shortest(double v) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.begin(), text.end(), v).ptr;
  return {text.begin(), end};
}

/// Letters and digits inside, and what addresses and paths are made of: YAML reads these as they stand.
bool is_plain(const std::string& text) {
  constexpr std::string_view kInside = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/:-";
  return !text.empty() && text.find_first_not_of(kInside) == std::string::npos && text.front() != '-' &&
         text.front() != ':' && text.back() != ':' && !YAML::IsNullString(text);
}

}  // namespace

tl::unexpected<Error> fail_at(const YAML::Mark& mark, const std::string& what) {
  if (mark.is_null()) return fail(0, " " + what);
  return fail(0, std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1) + ": " + what);
}

std::string quoted(const std::string& text) {
  std::string shown = text.substr(0, kShownBytes);
  std::replace_if(shown.begin(), shown.end(), is_control, '?');
  return "'" + shown + (text.size() > kShownBytes ? "..." : "") + "'";
}

std::string describe(const YAML::Node& node) {
  if (node.IsScalar()) return quoted(node.Scalar());
  if (node.IsSequence()) return "a list of " + std::to_string(node.size());
  return node.IsMap() ? "a map" : "nothing";
}

std::string write_text(const std::string& text) {
  if (is_plain(text)) return text;
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return '"' + escaped + '"';
}

bool Boolean::parse(const std::string& text, bool& out) const {
  // One spelling each. YAML 1.1's yes, no, on, off are refused rather than guessed at.
  if (text != "true" && text != "false") return false;
  out = text == "true";
  return true;
}

std::string Integer::allowed() const { return "an integer from " + std::to_string(min) + " to " + std::to_string(max); }

std::string Real::allowed() const { return "a number from " + shortest(min) + " to " + shortest(max); }

std::string Real::write(double v) const { return shortest(v); }

bool Text::parse(const std::string& text, std::string& out) const {
  if (std::any_of(text.begin(), text.end(), is_control) || !is_allowed(text)) return false;
  out = text;
  return true;
}

}  // namespace weir::value
