#include "publish/status.h"

namespace weir {

void Histograms::add(const Snapshot& tick) {
  for (std::size_t i = 0; i < protocols.size(); ++i) protocols[i] += tick.protocols[i];
  for (const PortCount& p : tick.ports) (p.udp ? udp_ports : tcp_ports)[p.port] += p.packets;
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
