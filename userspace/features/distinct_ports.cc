#include "features/distinct_ports.h"

#include <algorithm>
#include <bitset>

namespace weir {
namespace {

constexpr std::uint32_t kManyPorts = 4096;  // from here on, a bit for each port is quicker than sorting

}  // namespace

/// Counting sort by place. Afterwards bounds_[p] is where the ports of place p begin, and bounds_[p + 1] where they end.
void DistinctPorts::group(std::size_t places) {
  bounds_.assign(places + 2, 0);
  for (const Use& use : uses_) ++bounds_[use.place + 2];
  for (std::size_t p = 2; p < bounds_.size(); ++p) bounds_[p] += bounds_[p - 1];
  grouped_.resize(uses_.size());
  for (const Use& use : uses_) grouped_[bounds_[use.place + 1]++] = use.port;
}

std::uint32_t DistinctPorts::count_group(std::uint32_t first, std::uint32_t end) {
  if (end - first < 2) return end - first;
  if (end - first >= kManyPorts) {
    std::bitset<65536> seen;
    for (std::uint32_t i = first; i < end; ++i) seen.set(grouped_[i]);
    return static_cast<std::uint32_t>(seen.count());
  }
  const auto from = grouped_.begin() + first, to = grouped_.begin() + end;
  std::sort(from, to);
  return static_cast<std::uint32_t>(std::unique(from, to) - from);
}

const std::vector<std::uint32_t>& DistinctPorts::count(std::size_t places) {
  group(places);
  counts_.resize(places);
  for (std::size_t p = 0; p < places; ++p) counts_[p] = count_group(bounds_[p], bounds_[p + 1]);
  return counts_;
}

}  // namespace weir
