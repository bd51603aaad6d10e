#include "features/flow_signs.h"

#include <netinet/in.h>

#include "features/probes.h"
#include "features/unasked.h"

namespace weir {

bool is_icmp_answer(const FlowKey& key) {
  const int type = key.destination_port >> 8;
  if (key.protocol == IPPROTO_ICMPV6) return type < 128 || type == 129;  // RFC 4443: errors below 128, echo reply
  return type == 0 || type == 3 || type == 4 || type == 5 || type == 11 || type == 12;  // RFC 792
}

bool begins_conversation(const FlowKey& key, const JoinedFlow& flow, const Conversations& conversations) {
  if (key.destination.is_group()) return false;
  if (key.protocol == IPPROTO_TCP) return flow.syn_packets > 0;
  if (key.protocol != IPPROTO_UDP || conversations.is_known(key)) return false;
  const Conversations::Direction* back = conversations.answer_to(key);
  return back == nullptr || flow.first_ns <= back->first_ns;
}

namespace {

constexpr std::uint8_t kAck = 0x10;
constexpr std::uint64_t kFewPackets = 4;      // fewer carry no data worth a judgement
constexpr std::uint64_t kLargePayload = 200;  // bytes: a ping carries 32 or 56, a question of DNS or NTP seldom 100

/// Tried with ACKs alone (as `nmap -sA` does) and told that there is no such connection. Of silence nothing is concluded:
/// an ACK alone may belong to a connection that idles.
bool is_refused_ack(const JoinedFlow& flow, const Conversations::Direction* back) {
  return (flow.tcp_flags & 0x3f) == kAck && flow.packets <= kFewPackets && back != nullptr && back->is_refusal();
}

bool has_data(const JoinedFlow& flow) { return flow.packets >= kFewPackets && flow.bytes > flow.overhead_bytes; }

void read_attempt(const FlowKey& key, const JoinedFlow& flow, Signs& signs) {
  const auto add = [&](SignKind kind, std::uint64_t count) {
    signs.add(key.source, kind, key.destination, key.destination_port, count);
  };
  if (is_login_port(key.destination_port)) add(SignKind::kLogin, 1);
  if (flow.half_open_syn() > 0)
    add(SignKind::kHalfOpen, flow.half_open_syn());
  else if (flow.bytes <= flow.overhead_bytes)
    add(SignKind::kEmptyConnection, 1);
  if (flow.half_open_syn() == 0) add(SignKind::kAcceptedTcp, 1);
}

bool read_tcp(const FlowKey& key, const JoinedFlow& flow, Conversations& conversations, Signs& signs) {
  const Conversations::Direction* back = conversations.answer_to(key);
  if (has_data(flow)) conversations.count_data_flow(back != nullptr);
  read_unasked_tcp(key, flow, conversations, signs);
  if (flow.syn_packets > 0) read_attempt(key, flow, signs);
  if (flow.is_probe()) signs.add(key.destination, SignKind::kSilentSource, key.source, 0);
  if (flow.is_probe() || is_refused_ack(flow, back))
    signs.add(key.source, SignKind::kFailedTcp, key.destination, key.destination_port);
  return !flow.is_probe();
}

bool read_udp(const FlowKey& key, const JoinedFlow& flow, const Conversations& conversations, Signs& signs) {
  if (conversations.answer_to(key) != nullptr) {
    if (begins_conversation(key, flow, conversations))
      signs.add(key.source, SignKind::kAnsweredUdp, key.destination, key.destination_port);
    return true;
  }
  read_unasked_udp(key, flow, conversations, signs);
  signs.add(key.source, SignKind::kUnansweredUdp, key.destination, 0, flow.packets);
  // A late answer to a question of the window before is no attempt of its own.
  if (conversations.is_known(key)) return false;
  signs.add(key.source, SignKind::kFailedUdp, key.destination, key.destination_port);
  signs.add(key.destination, SignKind::kSilentSource, key.source, 0);
  return false;
}

bool is_echo(const FlowKey& key, int icmp, int icmpv6) {
  const int type = key.destination_port >> 8;
  return (key.protocol == IPPROTO_ICMP && type == icmp) || (key.protocol == IPPROTO_ICMPV6 && type == icmpv6);
}
bool is_echo_request(const FlowKey& key) { return is_echo(key, 8, 128); }
bool is_echo_reply(const FlowKey& key) { return is_echo(key, 0, 129); }

/// Services whose packets carry little, towards them: what ICMP asks, DNS and NTP over UDP.
bool carries_little(const FlowKey& key) {
  if (key.protocol == IPPROTO_UDP) return key.destination_port == 53 || key.destination_port == 123;
  return (key.protocol == IPPROTO_ICMP || key.protocol == IPPROTO_ICMPV6) && !is_icmp_answer(key);
}

void read_size(const FlowKey& key, const JoinedFlow& flow, Signs& signs) {
  if (!carries_little(key) || flow.bytes < flow.overhead_bytes + kLargePayload * flow.packets) return;
  const bool is_udp = key.protocol == IPPROTO_UDP;
  signs.add(key.source, SignKind::kLargePayload, key.destination, is_udp ? key.destination_port : std::uint16_t{0},
            flow.packets);
}

}  // namespace

void add_direction(const FlowKey& key, const JoinedFlow& flow, Conversations& conversations) {
  const bool is_counted = key.protocol == IPPROTO_TCP || key.protocol == IPPROTO_UDP || key.protocol == IPPROTO_SCTP ||
                          is_echo_request(key) || is_echo_reply(key);
  if (!is_counted) return;
  const bool is_to_many = key.protocol == IPPROTO_UDP && may_be_group(key.destination);
  const Conversations::Direction direction{flow.first_ns, static_cast<std::uint32_t>(flow.packets),
                                           flow.resets & 0x7fff'ffff, flow.bytes > flow.overhead_bytes};
  conversations.add(key, direction);
  if (is_to_many) conversations.add(asked_of_anybody(key), direction);
}

std::optional<bool> read_flow_signs(const FlowKey& key, const JoinedFlow& flow, Conversations& conversations, Signs& signs) {
  if (key.destination.is_group()) return std::nullopt;  // a group answers nothing
  if (is_echo_request(key))
    signs.add(key.source, conversations.answer_to(key) != nullptr ? SignKind::kAnsweredEcho : SignKind::kSilentEcho,
              key.destination, 0);
  read_probe(key, flow, conversations, signs);
  if (key.destination_port == 0) return std::nullopt;  // a later fragment
  read_size(key, flow, signs);
  if (key.protocol == IPPROTO_TCP) return read_tcp(key, flow, conversations, signs);
  if (key.protocol == IPPROTO_UDP) return read_udp(key, flow, conversations, signs);
  return std::nullopt;
}

}  // namespace weir
