#pragma once

#include <cstdint>
#include <vector>

#include "traffic_plan.h"

namespace weir {

/// Who there is in and around a small office: 79 machines, half of them with an IPv6 address as well. Inside are networks
/// behind the gateway, outside is everybody else.
///
/// How many there are of each is chosen for the forest's sake too: windows of 10 and of 2,000 packets must both be common,
/// and nothing ordinary may be what one machine alone does.
struct Office {
  std::vector<Machine> desks, phones, sensors, cameras, admins, servers;  // inside
  std::vector<Machine> sites, mail, remotes, crowd;                       // outside; remotes: machines rented elsewhere
  std::vector<Machine> resolvers;                                         // outside; answer names and do nothing else
  Machine group;                                                          ///< stands for multicast and broadcast
  Machine nobody;                                                         ///< an inside address that nobody has

  Office();
};

/// Notes everybody's traffic in [start_ns, start_ns + seconds). Each machine draws from a stream of its own.
void live(const Office& office, TrafficPlan& plan, std::uint64_t seed, std::int64_t start_ns, double seconds);

}  // namespace weir
