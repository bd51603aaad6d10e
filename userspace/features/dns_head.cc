#include "features/dns_head.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "features/word_hash.h"

namespace weir {
namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr std::size_t kHeaderBytes = 12, kMostName = 255, kMostLabel = 63;

/// In lower case, with the length bytes: a.b is another name than ab. Zeros behind it.
using Name = std::array<std::uint8_t, kMostName + 1>;

/// Whoever knew the seed could choose names that count as one.
std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  if (getrandom(&seed, sizeof seed, 0) != sizeof seed) std::abort();  // cannot fail for so few bytes (getrandom(2))
  return seed;
}

std::uint64_t hash_name(const Name& name) {
  static const WordHash<sizeof(Name) / 8> high(random_seed()), low(random_seed());
  return std::uint64_t{high(name.data())} << 32 | low(name.data());
}

std::uint8_t to_lower(std::uint8_t c) { return c >= 'A' && c <= 'Z' ? static_cast<std::uint8_t>(c + 'a' - 'A') : c; }

/// Reads labels up to the root or the end of the head. False if they are no name: a question's is never compressed.
bool read_name(std::span<const std::uint8_t> from, PayloadSigns::Dns& out) {
  Name name{};
  for (std::size_t at = 0; at < from.size() && from[at] != 0;) {
    const std::size_t label = from[at];
    if (label > kMostLabel || at + label + 2 > kMostName) return false;  // 2: its length byte and the root's
    out.longest_label = std::max(out.longest_label, static_cast<std::uint8_t>(label));
    const std::size_t end = std::min(at + 1 + label, from.size());
    name[at] = from[at];
    std::transform(from.data() + at + 1, from.data() + end, name.data() + at + 1, to_lower);
    at = end;
  }
  out.name_hash = hash_name(name);
  return true;
}

}  // namespace

std::optional<PayloadSigns::Dns> read_dns_head(std::uint16_t source_port, std::uint16_t destination_port,
                                               std::span<const std::uint8_t> head) {
  if (source_port != kDnsPort && destination_port != kDnsPort) return {};
  if (head.size() <= kHeaderBytes) return {};
  PayloadSigns::Dns dns;
  dns.is_answer = (head[2] & 0x80) != 0;
  if ((dns.is_answer ? source_port : destination_port) != kDnsPort) return {};
  const bool is_plain_query = (head[2] & 0x78) == 0;
  if (!is_plain_query || head[4] != 0 || head[5] != 1) return {};
  if (dns.is_answer) dns.response_code = head[3] & 15;
  if (!read_name(head.subspan(kHeaderBytes), dns)) return {};
  return dns;
}

}  // namespace weir
