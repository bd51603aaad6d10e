#include "traffic_tcp.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>

namespace weir {
namespace {

constexpr std::uint32_t kSegment = 1448;    // 1500 - 20 - 20 - 12
constexpr std::uint32_t kHeaderBytes = 66;  // of a frame, for the time that it takes on the wire
constexpr std::uint32_t kFirstEphemeral = 32768, kEphemeralPorts = 28232;  // Linux: net.ipv4.ip_local_port_range

}  // namespace

Conversation make_conversation(const Route& route, std::uint8_t protocol, std::uint16_t server_port, Payload payload,
                               Random& random) {
  const bool v6 = uses_v6(route);
  const auto port = static_cast<std::uint16_t>(kFirstEphemeral + random.below(kEphemeralPorts));
  return {route.client.address(v6),
          route.server.address(v6),
          route.client.mac,
          route.server.mac,
          port,
          server_port,
          protocol,
          payload};
}

std::int64_t draw_half_rtt_ns(const Route& route, Random& random) {
  const bool is_near = route.client.is_inside && route.server.is_inside;
  return static_cast<std::int64_t>((is_near ? between(random, 0.1, 1.0) : between(random, 2.5, 20.0)) * kMillisecond_ns);
}

TcpTalk::TcpTalk(TrafficPlan& plan, Random& random, const Route& route, std::uint16_t port, Payload payload,
                 std::int64_t start_ns)
    : plan_(plan),
      random_(random),
      conversation_(plan.begin(make_conversation(route, IPPROTO_TCP, port, payload, random))),
      half_rtt_ns_(draw_half_rtt_ns(route, random)),
      now_ns_(start_ns) {}

void TcpTalk::frame(Side from, std::uint8_t flags, std::uint32_t payload_bytes) {
  plan_.add({now_ns_, conversation_, static_cast<std::uint16_t>(payload_bytes), from == Side::kServer, flags});
}

void TcpTalk::open() {
  frame(Side::kClient, TH_SYN);
  now_ns_ += half_rtt_ns_;
  frame(Side::kServer, TH_SYN | TH_ACK);
  now_ns_ += half_rtt_ns_;
  frame(Side::kClient, TH_ACK);
}

void TcpTalk::be_refused() {
  frame(Side::kClient, TH_SYN);
  now_ns_ += half_rtt_ns_;
  frame(Side::kServer, TH_RST | TH_ACK);
}

void TcpTalk::be_ignored() {
  for (const double pause_s : {1.0, 2.0, 4.0, 0.0}) {
    frame(Side::kClient, TH_SYN);
    wait(pause_s);
  }
}

void TcpTalk::send(Side from, std::uint64_t bytes, double bits_per_s) {
  const Side to = from == Side::kClient ? Side::kServer : Side::kClient;
  bool owes_ack = false;
  while (bytes > 0) {
    const auto size = static_cast<std::uint32_t>(std::min<std::uint64_t>(bytes, kSegment));
    bytes -= size;
    frame(from, bytes == 0 ? TH_ACK | TH_PUSH : TH_ACK, size);
    if (owes_ack || bytes == 0) {
      now_ns_ += half_rtt_ns_ / 64;  // the gateway sees the answer a little later, while the sender goes on
      frame(to, TH_ACK);
    }
    owes_ack = !owes_ack;
    wait((size + kHeaderBytes) * 8 / bits_per_s * between(random_, 0.7, 1.3));
  }
  now_ns_ += half_rtt_ns_;
}

void TcpTalk::close() {
  frame(Side::kClient, TH_FIN | TH_ACK);
  now_ns_ += half_rtt_ns_;
  frame(Side::kServer, TH_FIN | TH_ACK);
  now_ns_ += half_rtt_ns_;
  frame(Side::kClient, TH_ACK);
}

}  // namespace weir
