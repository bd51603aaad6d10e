#pragma once

#include <endian.h>

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// An IPv4 or IPv6 address. IPv4 is kept as ::ffff:a.b.c.d (RFC 4291 §2.5.5.2), so one type serves both everywhere.
class IpAddress {
 public:
  constexpr IpAddress() = default;
  static IpAddress v4(std::uint32_t network_order);
  static IpAddress v6(const void* sixteen_bytes);
  /// nullopt unless `text` is one address and nothing else.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);

  bool is_v4() const;
  /// Multicast, or the IPv4 broadcast to all.
  bool is_group() const;
  std::string to_string() const;
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

  bool operator==(const IpAddress& other) const { return high() == other.high() && low() == other.low(); }
  /// As the bytes compare. By words: tables and sorts of addresses spent a twentieth of a replay in memcmp.
  std::strong_ordering operator<=>(const IpAddress& other) const {
    const auto by_high = be64toh(high()) <=> be64toh(other.high());
    return by_high != 0 ? by_high : be64toh(low()) <=> be64toh(other.low());
  }

 private:
  std::uint64_t high() const { return word_at(0); }
  std::uint64_t low() const { return word_at(8); }
  std::uint64_t word_at(std::size_t byte) const {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes_.data() + byte, sizeof word);
    return word;
  }

  std::array<std::uint8_t, 16> bytes_{};
};

/// A network, for example 10.0.0.0/8 or fd00::/8.
class IpPrefix {
 public:
  /// "10.0.0.0/8", "2001:db8::1"; nullopt if malformed. Host bits are ignored.
  [[nodiscard]] static std::optional<IpPrefix> parse(std::string_view text);
  bool contains(const IpAddress& address) const;
  std::string to_string() const;

 private:
  IpAddress network_;
  int bits_ = 0;  // of the 128: an IPv4 prefix has 96 more
};

/// Mixes 16 bytes well enough for tables whose keys an attacker may choose, given a secret seed.
std::uint64_t hash_bytes(const void* data, std::size_t size, std::uint64_t seed);

}  // namespace weir
