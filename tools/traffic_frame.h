#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "traffic_plan.h"

namespace weir {

/// Makes the bytes of planned frames: Ethernet, IPv4 or IPv6, TCP, UDP or ICMP, and the head of the payload. The rest of a
/// payload exists as length only, as in a capture with a snap length. Transport checksums are 0, as in a capture on a
/// machine whose network card fills them in.
class FrameWriter {
 public:
  /// Bytes of the frame's beginning, valid until the next call; `wire_bytes` receives its full length.
  std::span<const std::uint8_t> write(const PlannedFrame& frame, const Conversation& conversation,
                                      std::uint32_t& wire_bytes);

 private:
  void put8(unsigned value) { buffer_[size_++] = static_cast<std::uint8_t>(value); }
  void put16(unsigned value);
  void put32(std::uint32_t value);
  template <class Bytes>
  void put(const Bytes& bytes) {
    for (const auto byte : bytes) put8(byte);
  }

  void put_ethernet(const MacAddress& to, const MacAddress& from, bool is_v4);
  void put_ip4(const IpAddress& from, const IpAddress& to, std::uint8_t protocol, std::size_t length);
  void put_ip6(const IpAddress& from, const IpAddress& to, std::uint8_t protocol, std::size_t length);
  void put_tcp(const PlannedFrame& frame, std::uint16_t from, std::uint16_t to);
  void put_udp(const PlannedFrame& frame, std::uint16_t from, std::uint16_t to);
  void put_icmp(const PlannedFrame& frame, const Conversation& conversation);
  void put_payload(Payload kind, std::size_t bytes);

  std::array<std::uint8_t, 192> buffer_{};
  std::size_t size_ = 0;
  std::uint32_t written_ = 0;  // frames so far: fills identification and sequence fields, and varies payloads
};

}  // namespace weir
