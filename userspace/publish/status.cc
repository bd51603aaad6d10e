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

}  // namespace weir
