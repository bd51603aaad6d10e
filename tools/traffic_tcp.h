#pragma once

#include <cstdint>

#include "traffic_plan.h"
#include "traffic_random.h"

namespace weir {

/// Who talks to whom, over which family.
struct Route {
  const Machine& client;
  const Machine& server;
  bool v6 = false;
};

/// Both ends must have an IPv6 address; else they talk over IPv4.
inline bool uses_v6(const Route& route) { return route.v6 && route.client.has_six && route.server.has_six; }

enum class Side : bool { kClient, kServer };

/// Ethernet addresses, addresses and a random client port filled in. The gateway stands between the two, so the frames are
/// seen once, addressed to it.
Conversation make_conversation(const Route& route, std::uint8_t protocol, std::uint16_t server_port, Payload payload,
                               Random& random);

/// One way: 0.1 to 1 ms inside the building, 2.5 to 20 ms to the outside world.
std::int64_t draw_half_rtt_ns(const Route& route, Random& random);

/// One TCP connection, written frame by frame. now() moves on with it.
class TcpTalk {
 public:
  TcpTalk(TrafficPlan& plan, Random& random, const Route& route, std::uint16_t port, Payload payload, std::int64_t start_ns);

  void open();
  /// SYN and a reset as the answer.
  void be_refused();
  /// SYN, no answer, repeated after 1, 2, 4 s.
  void be_ignored();
  /// Data in full segments, every second one acknowledged.
  void send(Side from, std::uint64_t bytes, double bits_per_s);
  void wait(double seconds) { now_ns_ += static_cast<std::int64_t>(seconds * 1e9); }
  void close();
  std::int64_t now() const { return now_ns_; }

 private:
  void frame(Side from, std::uint8_t flags, std::uint32_t payload_bytes = 0);

  TrafficPlan& plan_;
  Random& random_;
  std::uint32_t conversation_;
  std::int64_t half_rtt_ns_;
  std::int64_t now_ns_;
};

}  // namespace weir
