#include "features/login_line.h"

#include <re2/re2.h>

#include <string>

namespace weir {
namespace {

RE2::Options options() {
  RE2::Options o(RE2::Latin1);
  o.set_case_sensitive(false);
  o.set_never_capture(true);
  return o;
}

/// As mail programs count their commands. A mere word before LOGIN is prose, three digits are a reply ("230 Login
/// successful").
const char* const kTag = R"((?:[a-z]{1,8}[0-9]{1,10}|[0-9]{1,2}|[a-z.]))";
/// A client that waits for the answer sends nothing behind the line.
const char* const kEnd = R"([ \t]*\r?\n?\z)";

bool matches(std::string_view head, const RE2& pattern) {
  return pattern.Match({head.data(), head.size()}, 0, head.size(), RE2::ANCHOR_START, nullptr, 0);
}

}  // namespace

bool is_login_command(std::string_view head) {
  static const RE2 pattern(
      std::string(R"(user[ \t]+[^ \t\r\n]+)") + kEnd + R"(|pass[ \t]+[^\r\n]+)" + kEnd +
          R"(|apop[ \t]+[^ \t\r\n]+[ \t]+[0-9a-f]{32})"
          R"(|auth[ \t]+(?:plain|login|cram-md5|digest-md5|ntlm|xoauth2?|oauthbearer|scram-sha|gssapi)\b|)" +
          kTag + R"([ \t]+(?:login[ \t]+[^ \t\r\n]|authenticate[ \t]+[a-z]))",
      options());
  return matches(head, pattern);
}

bool is_login_refused(std::string_view head) {
  static const RE2 pattern(
      std::string(R"(530[ -][ \t]*[a-z"'(\x80-\xff]|535[ -][ \t]*(?:#?5\.[0-9]|[a-z\x80-\xff]))"
                  R"(|-err[ \t]*\r?\n?\z|-wrongpass\b)"
                  R"(|-err[ \t][^\r\n]*(?:auth|log[io]n|pass|credential|user|account|denied|locked)|)") +
          kTag + R"([ \t]+no[ \t][^\r\n]*(?:authenticat|authoriz|log[io]n|password|credential))",
      options());
  static const RE2 about_command(R"(-err[ \t]+(?:unknown (?:sub)?command|wrong number of arguments))", options());
  return matches(head, pattern) && !matches(head, about_command);
}

}  // namespace weir
