#include "features/payload_signs.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>

#include "features/dns_head.h"
#include "features/login_line.h"
#include "features/snmp_head.h"
#include "features/web_patterns.h"

namespace weir {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

/// Of HTTP and WebDAV, and two that scanners like. A closed list: FTP has verbs that take a path too.
bool is_method(std::string_view word) {
  static constexpr std::array<std::string_view, 21> kMethods = {
      "GET",   "POST", "HEAD", "PUT",  "DELETE", "OPTIONS", "PATCH",  "TRACE", "CONNECT", "PROPFIND", "PROPPATCH",
      "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT",  "SEARCH", "MERGE", "TRACK",   "DEBUG"};
  return std::find(kMethods.begin(), kMethods.end(), word) != kMethods.end();
}

/// Without the version it takes an address that no other protocol with such verbs (RTSP, SIP, Redis) has.
bool is_address(std::string_view target) {
  return target.find_first_of("/\\.*%") == 0 || target.starts_with("http://") || target.starts_with("https://");
}

bool is_request(std::string_view text) {
  constexpr std::size_t kLongestMethod = 9;
  const auto space = static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_upper) - text.begin());
  if (space < 3 || space > kLongestMethod || space + 1 >= text.size() || text[space] != ' ') return false;
  if (!is_method(text.substr(0, space))) return false;
  const std::string_view target = text.substr(space + 1, text.find_first_of("\r\n") - space - 1);
  return is_address(target) || target.find(" HTTP/1.") != target.npos;
}

/// 0: no answer of HTTP/1.
std::uint16_t read_status(std::string_view text) {
  constexpr std::size_t kBegin = 9, kEnd = 12;  // HTTP/1.1 200
  if (!text.starts_with("HTTP/1.") || text.size() < kEnd || !is_digit(text[7]) || text[8] != ' ') return 0;
  const std::string_view code = text.substr(kBegin, kEnd - kBegin);
  if (!std::all_of(code.begin(), code.end(), is_digit) || code[0] == '0') return 0;
  if (text.size() > kEnd && std::string_view(" \r\n").find(text[kEnd]) == std::string_view::npos) return 0;
  return static_cast<std::uint16_t>((code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0'));
}

/// SSH-2.0-, SSH-1.99-, SSH-1.5-.
bool is_banner(std::string_view text) {
  if (!text.starts_with("SSH-") || text.size() < 8 || !is_digit(text[4]) || text[5] != '.' || !is_digit(text[6]))
    return false;
  return text[7] == '-' || (is_digit(text[7]) && text.size() > 8 && text[8] == '-');
}

PayloadSigns read_stream(std::string_view text) {
  PayloadSigns signs;
  if (is_request(text)) {
    signs.is_http_request = true;
    signs.web_attacks = find_web_attacks(text);
  } else if (const std::uint16_t status = read_status(text); status != 0) {
    signs.http_status = status;
  } else if (is_banner(text)) {
    signs.is_ssh_banner = true;
  } else if (is_login_refused(text)) {
    signs.is_login_refused = true;
  } else {
    signs.is_login_command = is_login_command(text);
  }
  return signs;
}

/// Most heads are nothing of the kind, and few bytes tell: all signs of a stream begin with four printable characters.
bool is_text(std::span<const std::uint8_t> head) {
  return head.size() >= 4 &&
         std::all_of(head.begin(), head.begin() + 4, [](std::uint8_t c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

std::string_view web_attack_name(WebAttack attack) {
  switch (attack) {
    case WebAttack::kSqlInjection:
      return "sql_injection";
    case WebAttack::kCrossSiteScripting:
      return "cross_site_scripting";
    case WebAttack::kFileAccess:
      return "file_access";
    case WebAttack::kShellCommand:
      return "shell_command";
    case WebAttack::kScanner:
      return "scanner";
  }
  return {};
}

PayloadSigns read_signs(std::uint8_t protocol, std::uint16_t source_port, std::uint16_t destination_port,
                        std::span<const std::uint8_t> head) {
  PayloadSigns signs;
  if (protocol == IPPROTO_TCP && is_text(head))
    signs = read_stream({reinterpret_cast<const char*>(head.data()), head.size()});
  else if (protocol == IPPROTO_UDP)
    signs.dns = read_dns_head(source_port, destination_port, head);
  if (protocol == IPPROTO_UDP && !signs.dns) signs.snmp_community = read_snmp_community(destination_port, head);
  return signs;
}

}  // namespace weir
