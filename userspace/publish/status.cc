#include "publish/status.h"

namespace weir {

void Histograms::add(const Snapshot& tick) {
  for (std::size_t i = 0; i < protocols.size(); ++i) protocols[i] += tick.protocols[i];
  for (const PortCount& p : tick.ports) (p.udp ? udp_ports : tcp_ports)[p.port] += p.packets;
}

}  // namespace weir
