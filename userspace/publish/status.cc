#include "publish/status.h"

#include <netinet/in.h>

namespace weir {

void Histograms::add(const Snapshot& tick) {
  for (std::size_t i = 0; i < protocols.size(); ++i) protocols[i] += tick.overflow_protocols[i];
  for (const PortCount& p : tick.overflow_ports) (p.udp ? udp_ports : tcp_ports)[p.port] += p.packets;
  for (const FlowRecord& f : tick.flows) {
    protocols[f.key.protocol] += f.packets;
    if (f.key.protocol == IPPROTO_TCP) tcp_ports[f.key.destination_port] += f.packets;
    if (f.key.protocol == IPPROTO_UDP) udp_ports[f.key.destination_port] += f.packets;
  }
}

std::string missing_interfaces(const Status& status) {
  const bool is_blind = status.interface_states[static_cast<std::size_t>(WatchState::kAttached)] == 0;
  std::string out;
  for (const WatchedInterface& i : status.interfaces) {
    const bool is_missed =
        i.state == WatchState::kRefused || (i.state == WatchState::kWaiting && (i.is_required || is_blind));
    if (is_missed)
      out += (out.empty() ? "" : "; ") + i.name + ": " + std::string(watch_state_name(i.state)) + ", " + i.reason;
  }
  return out.empty() && is_blind ? "no interface is watched" : out;
}

}  // namespace weir
