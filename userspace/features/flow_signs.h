#pragma once

#include <optional>

#include "features/conversations.h"
#include "features/flow_join.h"
#include "features/signs.h"

namespace weir {

/// Adds a flow of the window, one direction of a conversation.
void add_direction(const FlowKey& key, const JoinedFlow& flow, Conversations& conversations);

/// What a flow is a sign of, once all of the window are in `conversations`. Returns whether its destination accepted or
/// answered it; nothing, where that cannot be told.
std::optional<bool> read_flow_signs(const FlowKey& key, const JoinedFlow& flow, Conversations& conversations, Signs& signs);

/// Echo replies and error messages are what a host is made to send, not what it sends by itself.
bool is_icmp_answer(const FlowKey& key);

/// Whether its source opened the conversation that it belongs to, in this window.
bool begins_conversation(const FlowKey& key, const JoinedFlow& flow, const Conversations& conversations);

}  // namespace weir
