#pragma once

#include <cstdint>

#include "traffic_tcp.h"

namespace weir {

// What a use of a program consists of. Structs rather than arguments because values are drawn in place: the elements of a
// braced list are evaluated in order, arguments of a call in an order that each compiler chooses for itself.

/// One connection with some requests; `bytes` a response.
struct Fetch {
  Route route;
  std::uint16_t port;
  std::uint32_t requests;
  double bytes;
};
struct Transfer {
  Route route;
  std::uint16_t port;
  Side from;
  double bytes;
};
/// `chunk_bytes` at once, then a pause, so that it makes `bits_per_s` in the mean.
struct SteadyStream {
  Route route;
  std::uint16_t port;
  Side from;
  double bits_per_s, seconds, chunk_bytes;
};
/// UDP both ways; the busier side sends up to `bytes` in a packet, the other little.
struct Datagrams {
  Route route;
  std::uint16_t port;
  double forth_per_s, back_per_s;
  std::uint32_t bytes;
  double seconds;
};
struct Pings {
  Route route;
  std::uint32_t count;
};
struct Shell {
  Route route;
  double seconds;
};
struct Mail {
  Route route;
  std::uint16_t port;
};
struct Readings {
  Route route;
  double interval_s, seconds;
};
struct Announcement {
  Route route;
  std::uint16_t port;
  std::uint32_t count, bytes;
};

/// What programs in an office put on the wire. Each function notes the frames of one use, from `at` on, and returns when it
/// ends. Sizes, rates and pauses come from ranges that such programs are known by; they claim to be ordinary, not exact.
class Applications {
 public:
  Applications(TrafficPlan& plan, Random& random) : plan_(plan), random_(random) {}

  std::int64_t look_up(const Route& route, std::int64_t at);  ///< DNS
  /// The same with given sizes, in bytes of DNS message.
  std::int64_t look_up(const Route& route, std::uint16_t question, std::uint16_t answer, std::int64_t at);
  std::int64_t fetch(const Fetch& what, std::int64_t at);  ///< HTTP or HTTPS
  /// A file, up or down, in pieces that the other side asks for or confirms.
  std::int64_t transfer(const Transfer& what, std::int64_t at);
  std::int64_t stream(const SteadyStream& what, std::int64_t at);  ///< iperf3, a backup with a limit
  std::int64_t exchange(const Datagrams& what, std::int64_t at);   ///< QUIC, a call
  std::int64_t type(const Shell& what, std::int64_t at);           ///< SSH
  std::int64_t ping(const Pings& what, std::int64_t at);           ///< one a second
  std::int64_t ask_time(const Route& route, std::int64_t at);      ///< NTP
  std::int64_t report(const Readings& what, std::int64_t at);      ///< MQTT
  std::int64_t deliver(const Mail& what, std::int64_t at);         ///< SMTP, IMAP
  std::int64_t fail_to_connect(const Route& route, std::uint16_t port, bool refused, std::int64_t at);
  /// mDNS, SSDP, DHCP: to a group, without an answer that the gateway sees.
  std::int64_t announce(const Announcement& what, std::int64_t at);

 private:
  std::uint32_t begin(const Route& route, std::uint8_t protocol, std::uint16_t port, Payload payload);

  TrafficPlan& plan_;
  Random& random_;
};

}  // namespace weir
