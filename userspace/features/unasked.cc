#include "features/unasked.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace weir {
namespace {

/// Services over UDP that answer more than they are asked, whoever asks (CISA alert TA14-017A and what was abused since).
bool is_amplifier(std::uint16_t port) {
  constexpr std::uint16_t kPorts[] = {
      17,     // quote of the day
      19,     // character generator
      53,     // DNS
      111,    // port mapper
      123,    // NTP
      161,    // SNMP
      389,    // LDAP without connection
      427,    // SLP
      500,    // IKE
      520,    // RIP
      1434,   // SQL Server's browser
      1900,   // SSDP
      3283,   // Apple Remote Desktop
      3389,   // RDP
      3478,   // STUN
      3702,   // WS-Discovery
      4500,   // IKE behind NAT
      5093,   // Sentinel licences
      5351,   // NAT-PMP
      5353,   // mDNS
      5683,   // CoAP
      10001,  // Ubiquiti discovery
      11211,  // memcached
      27015,  // Source games
      37810,  // video recorders
  };
  return std::binary_search(std::begin(kPorts), std::end(kPorts), port);
}

}  // namespace

bool may_be_group(const IpAddress& address) { return address.is_group() || (address.is_v4() && address.bytes()[15] == 255); }

FlowKey asked_of_anybody(FlowKey question) {
  question.destination = IpAddress();
  return question;
}

/// Who answers such a SYN+ACK with a reset has not asked for it either.
void read_unasked_tcp(const FlowKey& key, const JoinedFlow& flow, const Conversations& conversations, Signs& signs) {
  const Conversations::Direction* back = conversations.answer_to(key);
  const bool is_reset = flow.resets == flow.packets;
  if (back != nullptr && (is_reset || !back->is_refusal())) return;
  if ((flow.synacks == 0 && !is_reset) || conversations.was_asked(key)) return;
  signs.add(key.destination, is_reset ? SignKind::kUnaskedReset : SignKind::kUnaskedSynAck, key.source, 0,
            is_reset ? flow.resets : flow.synacks);
}

/// Between equal ports a question looks like an answer: so speak IKE and NTP among peers.
void read_unasked_udp(const FlowKey& key, const JoinedFlow& flow, const Conversations& conversations, Signs& signs) {
  if (!is_amplifier(key.source_port) || key.source_port == key.destination_port) return;
  if (conversations.answer_to(key) != nullptr || conversations.was_asked(key)) return;
  FlowKey from_anybody = key;
  from_anybody.source = IpAddress();
  if (conversations.answer_to(from_anybody) != nullptr || conversations.was_asked(from_anybody)) return;
  signs.add(key.destination, SignKind::kUnaskedDatagram, key.source, key.source_port, flow.packets);
}

}  // namespace weir
