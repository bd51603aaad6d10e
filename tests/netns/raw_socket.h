#pragma once

#include <vector>

#include "support/packet_builder.h"

namespace weir::test {

/// Sends whole Ethernet frames through an interface, a few at a time: a veth's ring holds 256.
void send_frames(const char* interface, const std::vector<Bytes>& frames);

}  // namespace weir::test
