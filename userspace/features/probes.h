#pragma once

#include "features/conversations.h"
#include "features/flow_join.h"
#include "features/signs.h"

namespace weir {

/// Signs of a search through one host by other means than SYN: UDP that is not answered, SCTP that goes no further than its
/// first packet, FIN+ACK for no connection (as `nmap -sM` sends), protocols beside TCP, UDP and ICMP. Only of clients: a
/// server, too, may send to many ports of one host that is gone.
void read_probe(const FlowKey& key, const JoinedFlow& flow, const Conversations& conversations, Signs& signs);

}  // namespace weir
