#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/ip_address.h"
#include "features/host_window.h"

namespace weir {

/// Maxima of a host by hour of the day, as TrafficSpike::Season has them.
struct SeasonPast {
  std::array<float, 24> maximum{};
  std::uint32_t hour = 0;  ///< under way, since 1970
  float maximum_now = 0;
};

/// What a host usually sends. Ages are in windows of 10 s, back from the last window that was judged.
struct TrafficPast {
  IpAddress host;
  double mean = 0, deviation = 0, maximum = 0;
  std::uint32_t windows = 0, first_age = 0, seen_age = 0;
  std::optional<SeasonPast> season;
};

/// How well a host's use of ports is known.
struct PortsPast {
  IpAddress host;
  std::uint32_t windows = 0, first_age = 0, seen_age = 0, new_ports_age = 0;
  float new_ports = 0;
};

/// A host that was among the first to use or serve a port, and whether that was strange. Those of one port in order.
struct PortUse {
  IpAddress host;
  std::uint16_t port = 0;
  Role role = Role::kSource;
  bool was_strange = false;
};

/// What rules have learned of hosts, free of tables and their seeds. Time stands still while nobody watches: a host is as
/// old after a restart as it was before, so that a night without a sensor neither makes a stranger known nor a regular
/// forgotten.
struct Baselines {
  std::vector<TrafficPast> traffic;
  std::vector<PortsPast> ports;
  std::vector<PortUse> uses;
};

/// Whose past a rule takes: hosts may have changed their group.
using IsOwn = std::function<bool(const IpAddress&)>;

inline constexpr std::uint32_t kMostAge = 100U * 366 * 8640;  ///< windows: a hundred years

inline std::uint32_t age_of(std::int64_t time_ns, std::int64_t now_ns) {
  if (time_ns >= now_ns) return 0;  // the clock was set back
  const std::uint64_t age = (static_cast<std::uint64_t>(now_ns) - static_cast<std::uint64_t>(time_ns)) / kWindow_ns;
  return age < kMostAge ? static_cast<std::uint32_t>(age) : kMostAge;
}
inline std::int64_t time_of_age(std::uint32_t age, std::int64_t now_ns) { return now_ns - std::int64_t{age} * kWindow_ns; }

}  // namespace weir
