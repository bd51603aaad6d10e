#include "features/sample_signs.h"

#include <array>
#include <cstring>

#include "features/payload_signs.h"

namespace weir {
namespace {

constexpr std::uint8_t kLongLabel = 24;  // bytes: names for people are shorter, data in names is longer
constexpr std::uint8_t kNoSuchName = 3;  // RFC 1035, section 4.1.1

/// A name stands where a host does: what is counted is how many different ones there are.
IpAddress name_as_other(std::uint64_t hash) {
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), &hash, sizeof hash);
  return IpAddress::v6(bytes.data());
}

void read_dns(const FlowKey& key, const PayloadSigns::Dns& dns, Signs& signs) {
  const IpAddress name = name_as_other(dns.name_hash);
  if (!dns.is_answer) {
    signs.add(key.source, SignKind::kNameQuestion, key.destination, 0);
    if (dns.longest_label >= kLongLabel) signs.add(key.source, SignKind::kLongName, name, 0);
    return;
  }
  signs.add(key.destination, SignKind::kNameAnswer, key.source, 0);
  if (dns.response_code == kNoSuchName) signs.add(key.destination, SignKind::kMissingName, name, 0);
}

}  // namespace

void read_sample_signs(const PayloadSample& sample, Signs& signs) {
  const FlowKey& key = sample.key;
  const PayloadSigns s = read_signs(key.protocol, key.source_port, key.destination_port, {sample.head.data(), sample.size});
  if (s.dns) read_dns(key, *s.dns, signs);
  for (std::uint16_t attack = 0; attack < 8; ++attack)
    if ((s.web_attacks >> attack & 1) != 0) signs.add(key.source, SignKind::kWebAttack, key.destination, attack);
  if (s.http_status != 0) signs.add(key.destination, SignKind::kHttpAnswer, key.source, 0);
  if (s.http_status / 100 == 4) signs.add(key.destination, SignKind::kHttpError, key.source, 0);
  // Its own port tells one connection from the next; a server's banners all come from one.
  if (s.is_ssh_banner) signs.add(key.source, SignKind::kSshBanner, key.destination, key.source_port);
  if (s.is_login_command) signs.add(key.source, SignKind::kLoginCommand, key.destination, key.destination_port);
  if (s.snmp_community) signs.add(key.source, SignKind::kCommunity, key.destination, *s.snmp_community);
  if (s.is_login_refused) signs.add(key.destination, SignKind::kLoginRefused, key.source, key.source_port);
}

}  // namespace weir
