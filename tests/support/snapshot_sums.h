#pragma once

#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <map>
#include <utility>

#include "sensor/flow_snapshot.h"

namespace weir::test {

/// Packets of a snapshot by protocol: in flows and without.
inline std::array<std::uint64_t, 256> packets_by_protocol(const Snapshot& snapshot) {
  auto out = snapshot.overflow_protocols;
  for (const FlowRecord& f : snapshot.flows) out[f.key.protocol] += f.packets;
  return out;
}

/// By destination port: (is UDP, port). TCP and UDP only.
inline std::map<std::pair<bool, int>, std::uint64_t> packets_by_port(const Snapshot& snapshot) {
  std::map<std::pair<bool, int>, std::uint64_t> out;
  for (const PortCount& p : snapshot.overflow_ports) out[{p.udp, p.port}] += p.packets;
  for (const FlowRecord& f : snapshot.flows)
    if (f.key.protocol == IPPROTO_TCP || f.key.protocol == IPPROTO_UDP)
      out[{f.key.protocol == IPPROTO_UDP, f.key.destination_port}] += f.packets;
  return out;
}

}  // namespace weir::test
