#include "base/ip_address.h"

#include <arpa/inet.h>

#include <charconv>

namespace weir {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int kMappedBits = 96;

}  // namespace

IpAddress IpAddress::v4(std::uint32_t network_order) {
  IpAddress a;
  std::memcpy(a.bytes_.data(), kMapped.data(), kMapped.size());
  std::memcpy(a.bytes_.data() + kMapped.size(), &network_order, sizeof network_order);
  return a;
}

IpAddress IpAddress::v6(const void* sixteen_bytes) {
  IpAddress a;
  std::memcpy(a.bytes_.data(), sixteen_bytes, a.bytes_.size());
  return a;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;  // inet_pton would stop there
  const std::string z(text);
  std::uint32_t four = 0;
  std::array<std::uint8_t, 16> six{};
  if (inet_pton(AF_INET, z.c_str(), &four) == 1) return v4(four);
  if (inet_pton(AF_INET6, z.c_str(), six.data()) == 1) return v6(six.data());
  return std::nullopt;
}

bool IpAddress::is_v4() const { return std::memcmp(bytes_.data(), kMapped.data(), kMapped.size()) == 0; }

bool IpAddress::is_group() const {
  if (!is_v4()) return bytes_[0] == 0xff;
  return bytes_[12] >= 224;  // 224/4 multicast, 240/4 reserved, 255.255.255.255
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN];
  if (is_v4())
    inet_ntop(AF_INET, bytes_.data() + kMapped.size(), text, sizeof text);
  else
    inet_ntop(AF_INET6, bytes_.data(), text, sizeof text);
  return text;
}

std::optional<IpPrefix> IpPrefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const int width = address->is_v4() ? 32 : 128;
  int bits = width;
  if (slash != std::string_view::npos) {
    const auto digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), bits);
    if (error != std::errc() || end != digits.end() || bits < 0 || bits > width) return std::nullopt;
  }
  IpPrefix p;
  p.network_ = *address;
  p.bits_ = bits + (address->is_v4() ? kMappedBits : 0);
  return p;
}

bool IpPrefix::contains(const IpAddress& address) const {
  const auto whole = static_cast<std::size_t>(bits_ / 8);
  if (std::memcmp(address.bytes().data(), network_.bytes().data(), whole) != 0) return false;
  if (bits_ % 8 == 0) return true;
  const int shift = 8 - bits_ % 8;
  return address.bytes()[whole] >> shift == network_.bytes()[whole] >> shift;
}

std::string IpPrefix::to_string() const {
  return network_.to_string() + "/" + std::to_string(network_.is_v4() ? bits_ - kMappedBits : bits_);
}

std::uint64_t hash_bytes(const void* data, std::size_t size, std::uint64_t seed) {
  const auto* at = static_cast<const unsigned char*>(data);
  std::uint64_t h = seed ^ (size * 0x9E3779B97F4A7C15ULL);
  for (std::size_t i = 0; i < size; i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at + i, size - i < 8 ? size - i : 8);
    h = (h ^ word) * 0xD6E8FEB86659FD93ULL;
    h ^= h >> 32;
  }
  return h ^ (h >> 29);
}

}  // namespace weir
