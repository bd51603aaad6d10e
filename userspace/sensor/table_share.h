#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sensor/flow_snapshot.h"
#include "sensor/native_meter.h"

namespace weir {

/// Deals the tables of a machine out to its CPUs, anew in each tick: a network card with one queue gives one CPU all, with
/// eight busy queues each has an eighth, and of 64 possible CPUs those that see nothing cost nothing.
class TableShares {
 public:
  /// Until traffic was seen each of `first_cpus` has an equal part.
  TableShares(std::uint32_t cpus, std::span<const std::uint32_t> first_cpus);

  /// To be called with each drain's counts.
  void learn(std::span<const CpuCounts> cpus);
  /// Parts of each CPU, in any unit; 0: none but its spill.
  std::vector<std::uint64_t> weights(std::uint64_t flows) const;

 private:
  std::vector<double> needed_flows_;
};

/// Writes the shares into the states of a generation (0 or 1), which must be quiet and drained. Shares do not overlap.
/// The weights' sum times the largest table must stay below 2^64.
void assign_shares(weir_tables& tables, std::uint32_t generation, std::span<const std::uint64_t> weights);

/// CPUs that are online, from `sys`/devices/system/cpu/online; CPU 0 if that cannot be read.
std::vector<std::uint32_t> online_cpus(const char* sys = "/sys");

}  // namespace weir
