#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace weir {

/// Syntax of an attack in a request; bits of PayloadSigns::web_attacks.
enum class WebAttack : std::uint8_t { kSqlInjection, kCrossSiteScripting, kFileAccess, kShellCommand, kScanner };
std::string_view web_attack_name(WebAttack);

/// What one payload head means by itself, without memory of others.
struct PayloadSigns {
  std::uint8_t web_attacks = 0;   ///< bit 1 << WebAttack, of an HTTP/1 request
  std::uint16_t http_status = 0;  ///< of an HTTP/1 answer; 0: it is none
  bool is_http_request = false;   ///< HTTP/1, or 0.9 for a path
  bool is_ssh_banner = false;     ///< RFC 4253 identification string
  bool is_login_command = false;  ///< FTP and POP3 USER or PASS, APOP, SMTP AUTH, IMAP LOGIN
  bool is_login_refused = false;  ///< by FTP 530, SMTP 535, POP3 -ERR, IMAP NO, Redis -WRONGPASS
  struct Dns {
    bool is_answer = false;
    std::uint8_t response_code = 0;  ///< of an answer
    std::uint8_t longest_label = 0;  ///< bytes, also of a label that the head cuts
    std::uint64_t name_hash = 0;     ///< of the part of the name that the head shows; comparable within this process
  };
  std::optional<std::uint16_t> snmp_community;  ///< of a request, as 16 bits of its hash
  std::optional<Dns> dns;                       ///< one question, RFC 1035, UDP port 53 only; name compared without case
};

/// `head`: the first bytes of a packet's payload; hostile, cut anywhere. Ports as in the packet that carried it. May be
/// called by several threads. The first request costs some milliseconds: patterns are compiled.
PayloadSigns read_signs(std::uint8_t protocol, std::uint16_t source_port, std::uint16_t destination_port,
                        std::span<const std::uint8_t> head);

}  // namespace weir
