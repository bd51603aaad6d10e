#pragma once

#include <cstdint>

#include "base/ip_address.h"
#include "features/word_hash.h"

namespace weir {

/// A secret that differs from process to process.
std::uint64_t random_seed();

/// For the standard library's tables of addresses: whoever sends packets chooses their addresses, and must not be able to
/// choose such that collide.
class AddressHash {
 public:
  explicit AddressHash(std::uint64_t seed = random_seed()) : hash_(seed) {}
  std::size_t operator()(const IpAddress& address) const { return hash_(address.bytes().data()); }

 private:
  WordHash<2> hash_;
};

}  // namespace weir
