#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sensor/packet_source.h"
#include "support/packet_builder.h"

namespace weir::test {

/// Packets from a list; after the last of them an error, if one is set.
class FixedPackets : public PacketSource {
 public:
  FixedPackets& add(std::int64_t time_ns, Bytes frame) {
    packets_.emplace_back(time_ns, std::move(frame));
    return *this;
  }
  FixedPackets& then_fail(std::string what) {
    failure_ = std::move(what);
    return *this;
  }

  [[nodiscard]] Result<bool> next(Packet& out) override {
    if (at_ == packets_.size()) {
      if (failure_) return fail(0, *failure_);
      return false;
    }
    const auto& [time_ns, frame] = packets_[at_++];
    out.time_ns = time_ns;
    out.wire_bytes = static_cast<std::uint32_t>(frame.size());
    out.data = frame;
    return true;
  }

 private:
  std::vector<std::pair<std::int64_t, Bytes>> packets_;
  std::size_t at_ = 0;
  std::optional<std::string> failure_;
};

}  // namespace weir::test
