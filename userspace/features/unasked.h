#pragma once

#include "features/conversations.h"
#include "features/flow_join.h"
#include "features/signs.h"

namespace weir {

/// Signs of answers that a host gets and never asked for: others forge its address. `flow` is of TCP, or of UDP; what was
/// asked of a group (SSDP, WS-Discovery) may be answered by anybody.
void read_unasked_tcp(const FlowKey& key, const JoinedFlow& flow, const Conversations& conversations, Signs& signs);
void read_unasked_udp(const FlowKey& key, const JoinedFlow& flow, const Conversations& conversations, Signs& signs);

/// The question that `key` may be an answer to, as add_direction() keeps what was asked of a group.
FlowKey asked_of_anybody(FlowKey question);
/// Multicast, or a broadcast: to all, or, as far as an address can tell, to a network (x.x.x.255).
bool may_be_group(const IpAddress& address);

}  // namespace weir
