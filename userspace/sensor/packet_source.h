#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"

namespace weir {

/// One Ethernet frame. `data` holds what was captured of it and stays valid until the next call.
struct Packet {
  std::int64_t time_ns = 0;      ///< unix time
  std::uint32_t wire_bytes = 0;  ///< length on the wire, FCS out
  std::span<const std::uint8_t> data;
};

/// Where ReplaySource takes its packets from: a capture file, a traffic model, a test.
class PacketSource {
 public:
  virtual ~PacketSource() = default;
  /// false: no packet left.
  [[nodiscard]] virtual Result<bool> next(Packet& out) = 0;
};

}  // namespace weir
