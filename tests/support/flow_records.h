#pragma once

#include <string>
#include <utility>

#include "sensor/flow_snapshot.h"
#include "support/tcp_flags.h"

namespace weir::test {

inline constexpr std::int64_t kSecond = 1'000'000'000;
inline constexpr std::int64_t kStart = 1'700'000'000 * kSecond;  // a multiple of 10 s

inline IpAddress ip(const std::string& text) { return *IpAddress::parse(text); }

/// A record of `packets` equal frames, spread over [at, at + length) of the test's time.
inline FlowRecord tcp(const std::string& from, const std::string& to, std::uint16_t port, std::uint8_t flags,
                      std::uint64_t packets = 1, double at_s = 0, double length_s = 0) {
  FlowRecord r;
  r.key.source = ip(from);
  r.key.destination = ip(to);
  r.key.source_port = 40000;
  r.key.destination_port = port;
  r.key.protocol = 6;
  r.packets = packets;
  r.bytes = 100 * packets;
  r.sum_squared_bytes = 10000 * packets;
  r.overhead_bytes = 54 * packets;
  r.first_ns = kStart + static_cast<std::int64_t>(at_s * 1e9);
  r.last_ns = r.first_ns + static_cast<std::int64_t>(length_s * 1e9);
  r.events[WEIR_EVENT_FLAGS] = flags;
  if ((flags & kSyn) != 0) r.events[WEIR_EVENT_SYN] = static_cast<std::uint8_t>(packets < 255 ? packets : 255);
  if (packets > 255) r.events[WEIR_EVENT_SATURATED] = 1 << WEIR_EVENT_SYN;
  return r;
}

inline FlowRecord udp(const std::string& from, const std::string& to, std::uint16_t port, std::uint64_t packets = 1,
                      double at_s = 0) {
  FlowRecord r = tcp(from, to, port, 0, packets, at_s);
  r.key.protocol = 17;
  r.events = {};
  return r;
}

inline FlowRecord icmp(const std::string& from, const std::string& to, std::uint8_t type, std::uint64_t packets = 1,
                       double at_s = 0) {
  FlowRecord r = udp(from, to, static_cast<std::uint16_t>(type << 8), packets, at_s);
  r.key.protocol = r.key.source.is_v4() ? 1 : 58;
  r.key.source_port = 0;
  return r;
}

/// The tick that begins `second` seconds after kStart.
inline Snapshot tick(int second, std::vector<FlowRecord> flows) {
  Snapshot s;
  s.start_ns = kStart + second * kSecond;
  s.end_ns = s.start_ns + kSecond;
  s.flows = std::move(flows);
  return s;
}

}  // namespace weir::test
