#include "features/snmp_head.h"

#include <functional>
#include <string_view>

namespace weir {
namespace {

constexpr std::uint16_t kSnmpPort = 161;
constexpr std::uint8_t kSequence = 0x30, kInteger = 0x02, kOctets = 0x04;

/// Reads a tag and a length (BER, two bytes of length at most) off the front; none if it is another tag.
std::optional<std::size_t> take_head(std::span<const std::uint8_t>& from, std::uint8_t tag) {
  if (from.size() < 2 || from[0] != tag) return {};
  std::size_t length = from[1], bytes = 0;
  if (length > 0x80) {
    bytes = length & 0x7f;
    if (bytes > 2 || from.size() < 2 + bytes) return {};
    length = bytes == 1 ? from[2] : std::size_t{from[2]} << 8 | from[3];
  }
  from = from.subspan(2 + bytes);
  return length;
}

}  // namespace

std::optional<std::uint16_t> read_snmp_community(std::uint16_t destination_port, std::span<const std::uint8_t> head) {
  if (destination_port != kSnmpPort || !take_head(head, kSequence)) return {};
  if (take_head(head, kInteger) != 1 || head.empty() || head[0] > 1) return {};
  head = head.subspan(1);
  const auto size = take_head(head, kOctets);
  if (!size || *size > head.size()) return {};
  const std::size_t hash = std::hash<std::string_view>{}({reinterpret_cast<const char*>(head.data()), *size});
  return static_cast<std::uint16_t>(hash ^ hash >> 16);
}

}  // namespace weir
