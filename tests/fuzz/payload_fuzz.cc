#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "features/payload_signs.h"

namespace weir {
namespace {

constexpr std::uint8_t kTcp = 6, kUdp = 17;
constexpr std::size_t kDnsHeader = 12;

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_same(const PayloadSigns& a, const PayloadSigns& b) {
  if (a.dns.has_value() != b.dns.has_value()) return false;
  if (a.dns && (a.dns->is_answer != b.dns->is_answer || a.dns->response_code != b.dns->response_code ||
                a.dns->longest_label != b.dns->longest_label || a.dns->name_hash != b.dns->name_hash))
    return false;
  return a.web_attacks == b.web_attacks && a.http_status == b.http_status && a.is_http_request == b.is_http_request &&
         a.is_ssh_banner == b.is_ssh_banner && a.is_login_command == b.is_login_command &&
         a.is_login_refused == b.is_login_refused && a.snmp_community == b.snmp_community;
}

/// One packet is one thing, and each sign belongs to one protocol.
void require_no_contradiction(const PayloadSigns& s, std::uint8_t protocol, std::uint16_t source_port,
                              std::uint16_t destination_port) {
  const int streams = int{s.is_http_request} + int{s.http_status != 0} + int{s.is_ssh_banner} + int{s.is_login_command} +
                      int{s.is_login_refused};
  require(streams + int{s.dns.has_value()} + int{s.snmp_community.has_value()} <= 1);
  require(!s.snmp_community || (protocol == kUdp && destination_port == 161));
  require(streams == 0 || protocol == kTcp);
  require(s.web_attacks == 0 || s.is_http_request);
  require(s.web_attacks < 1 << 5);
  require(s.http_status == 0 || (s.http_status >= 100 && s.http_status <= 999));
  if (!s.dns) return;
  require(protocol == kUdp && (s.dns->is_answer ? source_port : destination_port) == 53);
  require(s.dns->longest_label < 64 && s.dns->response_code < 16 && (s.dns->is_answer || s.dns->response_code == 0));
}

/// Letters of a name in the other case, wherever the labels begin: no length of a label is a letter.
std::vector<std::uint8_t> with_other_case(std::vector<std::uint8_t> message) {
  for (std::size_t at = kDnsHeader; at < message.size() && message[at] != 0;) {
    const std::size_t end = std::min(at + 1 + message[at], message.size());
    for (std::size_t i = at + 1; i < end; ++i) {
      const int folded = message[i] | 0x20;
      if (folded >= 'a' && folded <= 'z') message[i] ^= 0x20;
    }
    at = end;
  }
  return message;
}

}  // namespace
}  // namespace weir

/// Any bytes with any ports have signs that do not contradict each other. An input begins with a byte that chooses the
/// protocol and which port is 53, and with both ports.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  if (size < 5) return 0;
  const std::uint8_t protocol = (data[0] & 3) == 0 ? data[0] : (data[0] & 1) != 0 ? kTcp : kUdp;
  const auto source = static_cast<std::uint16_t>((data[0] & 4) != 0 ? 53 : data[1] << 8 | data[2]);
  const auto destination = static_cast<std::uint16_t>((data[0] & 8) != 0 ? 53 : data[3] << 8 | data[4]);
  const std::vector<std::uint8_t> head(data + 5, data + size);  // of exactly its size, for the sanitizer
  const PayloadSigns signs = read_signs(protocol, source, destination, head);
  require_no_contradiction(signs, protocol, source, destination);
  require(is_same(signs, read_signs(protocol, source, destination, head)));
  if (signs.dns) require(is_same(signs, read_signs(protocol, source, destination, with_other_case(head))));
  return 0;
}
