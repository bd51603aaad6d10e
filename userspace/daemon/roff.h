#pragma once

#include <string>
#include <string_view>

namespace weir {

/// Text that roff shows as it is. What could be a hyphen is the character that options are typed with.
inline std::string roff(std::string_view text) {
  std::string out = text.empty() || (text[0] != '.' && text[0] != '\'') ? "" : "\\&";
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '^':
        out += "\\(ha";
        break;
      case '`':
        out += "\\(ga";
        break;
      case '~':
        out += "\\(ti";
        break;
      default:
        out += c;
    }
  }
  return out;
}

inline std::string roff_bold(std::string_view text) { return "\\fB" + roff(text) + "\\fR"; }

inline std::string roff_italic(std::string_view text) { return "\\fI" + roff(text) + "\\fR"; }

}  // namespace weir
