#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "sensor/flow_snapshot.h"
#include "sensor/sensor_options.h"

namespace weir::test {

/// A packet as it must be counted.
struct ReferencePacket {
  FlowKey key;
  std::uint32_t wire_bytes = 0;
  std::uint32_t payload_bytes = 0;
  std::uint32_t payload_at = 0;
  std::uint8_t tcp_flags = 0;
  bool is_v6 = false;
  bool is_later_fragment = false;
};

/// What the data plane's parser has to make of a frame, or why it is in no flow. Written from the protocols' definitions,
/// for clarity alone: it shares nothing with the product but the names of reasons and limits, so that the two can disagree.
std::variant<ReferencePacket, weir_undecoded> parse_by_reference(std::span<const std::uint8_t> captured,
                                                                 std::uint32_t wire_bytes,
                                                                 const std::vector<Tunnel>& opened);

}  // namespace weir::test
