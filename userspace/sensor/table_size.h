#pragma once

#include <cstdint>

#include "weir_abi.h"

namespace weir {

/// How large the tables of one generation are, which all CPUs share. Each possible CPU's spill (WEIR_SPILL_*) comes on top.
struct TableSize {
  std::uint32_t sets4 = 0, sets6 = 0;  ///< of WEIR_WAYS slots
  std::uint32_t host_sets = 0;         ///< of WEIR_HOST_WAYS slots
  std::uint32_t filter_words = 0;

  bool operator==(const TableSize&) const = default;

  /// Memory of both generations, with what each of `cpus` possible CPUs has of its own.
  std::uint64_t bytes(std::uint32_t cpus) const;
};

/// Entries of each map, for both generations and all CPUs.
struct MapEntries {
  std::uint32_t flows4, flows6, touched4, touched6, hosts, states, ports, filter;
};
MapEntries map_entries(const weir_config& config);

/// Entries that one generation has of a table: what CPUs share, then the spill of each possible CPU. A whole number of
/// groups, so that no byte of weir_touched belongs to two generations.
constexpr std::uint32_t generation_entries(std::uint32_t shared, std::uint32_t spill, std::uint32_t cpus) {
  return (shared + spill * cpus + WEIR_GROUP_SETS - 1) / WEIR_GROUP_SETS * WEIR_GROUP_SETS;
}

/// Declares the tables in `config`.
void set_table_sizes(weir_config& config, const TableSize& size, std::uint32_t cpus);

/// Sizes for `flows` IPv4 flows a tick on this machine: two slots for each (at load 0.5 under 1 % of packets overflow),
/// and half as many IPv6 flows.
TableSize size_tables(std::uint32_t flows);

}  // namespace weir
