#include "features/probes.h"

#include <netinet/in.h>

#include <optional>

namespace weir {
namespace {

constexpr std::uint8_t kFinAck = 0x11;
constexpr std::uint64_t kFewPackets = 4;        // and its repetitions
constexpr std::uint64_t kHandshakePackets = 2;  // INIT, ABORT: an association that comes about needs a third
constexpr std::uint16_t kPortsAtWill = 32768;   // from here on systems take ports for clients; traceroute tries them

/// Takes the greater port: a system gives its clients such.
bool is_client(const FlowKey& key) { return key.source_port > key.destination_port && key.destination_port < kPortsAtWill; }

/// A connection that idled, and that the other side forgot, is closed by a server as well.
bool is_refused_fin(const JoinedFlow& flow, const Conversations::Direction* back) {
  return (flow.tcp_flags & 0x3f) == kFinAck && flow.packets <= kFewPackets && back != nullptr && back->is_refusal();
}

bool goes_no_further(const JoinedFlow& flow, const Conversations::Direction* back) {
  return flow.packets <= kHandshakePackets && (back == nullptr || flow.first_ns <= back->first_ns);
}

std::optional<SignKind> probe_of(const FlowKey& key, const JoinedFlow& flow, const Conversations::Direction* back) {
  switch (key.protocol) {
    case IPPROTO_TCP:
      return is_client(key) && is_refused_fin(flow, back) ? std::optional(SignKind::kProbedByFin) : std::nullopt;
    case IPPROTO_UDP:
      return is_client(key) && back == nullptr ? std::optional(SignKind::kProbedUdp) : std::nullopt;
    case IPPROTO_SCTP:
      return goes_no_further(flow, back) ? std::optional(SignKind::kProbedSctp) : std::nullopt;
    default:
      return std::nullopt;
  }
}

bool is_ordinary(std::uint8_t protocol) {
  return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

}  // namespace

void read_probe(const FlowKey& key, const JoinedFlow& flow, const Conversations& conversations, Signs& signs) {
  if (!is_ordinary(key.protocol)) signs.add(key.source, SignKind::kProbedProtocol, key.destination, key.protocol);
  if (key.destination_port == 0) return;
  const auto kind = probe_of(key, flow, conversations.answer_to(key));
  if (kind && !conversations.is_known(key)) signs.add(key.source, *kind, key.destination, key.destination_port);
}

}  // namespace weir
