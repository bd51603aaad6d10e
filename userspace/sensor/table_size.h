#pragma once

#include <cstdint>

namespace weir {

/// How large each region (one CPU, one generation) of the tables is. All counts are powers of two.
struct TableSize {
  std::uint32_t sets4 = 0, sets6 = 0;  ///< of WEIR_WAYS slots
  std::uint32_t host_sets = 0;         ///< of WEIR_HOST_WAYS slots
  std::uint32_t filter_words = 0;

  /// Memory of all regions together.
  std::uint64_t bytes(std::uint32_t cpus) const;
};

/// Sizes for `flows` IPv4 flows a tick on one CPU: two slots for each (at load 0.5 under 1 % of packets overflow), and
/// half as many IPv6 flows.
TableSize size_tables(std::uint32_t flows);

}  // namespace weir
