#include "support/reference_flows.h"

#include <netinet/in.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace weir::test {
namespace {

constexpr std::uint8_t kFinBit = 1, kSynBit = 2, kRstBit = 4, kPshBit = 8, kAckBit = 16, kUrgBit = 32;
constexpr double kStamp_s = 1024e-9;

/// No stack sends these: nothing set, FIN alone, SYN with FIN or RST, FIN with PSH and URG.
bool is_odd(unsigned flags) {
  flags &= 63;
  const auto has = [flags](unsigned all) { return (flags & all) == all; };
  return flags == 0 || flags == kFinBit || has(kSynBit | kFinBit) || has(kSynBit | kRstBit) ||
         has(kFinBit | kPshBit | kUrgBit);
}

std::array<bool, WEIR_EVENTS> events_of(const ReferencePacket& p) {
  std::array<bool, WEIR_EVENTS> events{};
  events[WEIR_EVENT_SMALL] = p.wire_bytes <= 74;
  if (p.key.protocol != IPPROTO_TCP || p.is_later_fragment) return events;
  events[WEIR_EVENT_SYN] = (p.tcp_flags & kSynBit) != 0 && (p.tcp_flags & kAckBit) == 0;
  events[WEIR_EVENT_SYNACK] = (p.tcp_flags & kSynBit) != 0 && (p.tcp_flags & kAckBit) != 0;
  events[WEIR_EVENT_RST] = (p.tcp_flags & kRstBit) != 0;
  events[WEIR_EVENT_FIN] = (p.tcp_flags & kFinBit) != 0;
  events[WEIR_EVENT_ODD] = is_odd(p.tcp_flags);
  return events;
}

std::int64_t ns(std::uint32_t stamp) { return std::int64_t{stamp} * 1024; }

}  // namespace

struct ReferenceFlows::Differences {
  std::string text;
  std::uint64_t saturated = 0;  ///< packets of recorded flows with an event that a full counter cannot take

  void say(const std::string& what) { text += what + "\n"; }
  void same(std::string_view what, std::uint64_t expected, std::uint64_t got) {
    if (expected != got) say(std::string(what) + ": expected " + std::to_string(expected) + ", got " + std::to_string(got));
  }
  void same(std::string_view what, std::int64_t expected, std::int64_t got) {
    same(what, static_cast<std::uint64_t>(expected), static_cast<std::uint64_t>(got));
  }
};

void ReferenceFlows::count(std::span<const std::uint8_t> captured, std::uint32_t wire_bytes,
                           const std::vector<Tunnel>& opened, Clocks clocks) {
  ++packets_;
  bytes_ += wire_bytes;
  const auto parsed = parse_by_reference(captured, wire_bytes, opened);
  if (const auto* reason = std::get_if<weir_undecoded>(&parsed)) {
    ++undecoded_packets_.at(*reason);
    undecoded_bytes_.at(*reason) += wire_bytes;
    return;
  }
  const auto& p = std::get<ReferencePacket>(parsed);
  flows_[p.key].push_back({wire_bytes, p.payload_bytes, p.tcp_flags, events_of(p), clocks.coarse});
  if (p.payload_bytes == 0 || p.is_later_fragment) return;
  const std::size_t head = std::min<std::size_t>(p.payload_bytes, WEIR_SAMPLE_BYTES);
  std::vector<std::uint8_t> bytes;  // none where not all were captured
  if (p.payload_at + head <= captured.size())
    bytes.assign(captured.begin() + p.payload_at, captured.begin() + p.payload_at + static_cast<std::ptrdiff_t>(head));
  possible_samples_.emplace(p.key, p.payload_bytes, std::move(bytes));
}

FlowRecord ReferenceFlows::sum_of(const FlowKey& key, const Flow& flow, std::uint64_t& saturated) {
  FlowRecord sum;
  sum.key = key;
  sum.first_ns = ns(flow.front().coarse);
  sum.last_ns = ns(flow.back().coarse);
  std::array<std::uint64_t, WEIR_EVENTS> events{};
  std::uint32_t previous = flow.front().coarse;
  for (const Packet& p : flow) {
    ++sum.packets;
    sum.bytes += p.bytes;
    sum.sum_squared_bytes += std::uint64_t{p.bytes} * p.bytes;
    sum.overhead_bytes += std::min<std::uint32_t>(p.bytes - p.payload, 65535);
    const double gap_s = (p.coarse - previous) * kStamp_s;
    sum.sum_squared_gaps_s2 += gap_s * gap_s;
    previous = p.coarse;
    sum.events[WEIR_EVENT_FLAGS] |= p.tcp_flags;
    bool is_full = false;
    for (std::size_t i = WEIR_EVENT_SYN; i <= WEIR_EVENT_SMALL; ++i) {
      if (!p.events[i]) continue;
      if (++events[i] <= 255) continue;
      is_full = true;
      sum.events[WEIR_EVENT_SATURATED] |= static_cast<std::uint8_t>(1u << i);
    }
    saturated += is_full ? 1 : 0;
  }
  for (std::size_t i = WEIR_EVENT_SYN; i <= WEIR_EVENT_SMALL; ++i)
    sum.events[i] = static_cast<std::uint8_t>(std::min<std::uint64_t>(events[i], 255));
  return sum;
}

void ReferenceFlows::check_record(const FlowRecord& got, std::uint32_t end, bool is_exact, Differences& out) const {
  const auto flow = flows_.find(got.key);
  if (flow == flows_.end()) return out.say("a flow that was not sent, from " + got.key.source.to_string());
  std::uint64_t saturated = 0;
  const FlowRecord expected = sum_of(got.key, flow->second, saturated);
  out.saturated += saturated;
  out.same("packets", expected.packets, got.packets);
  out.same("bytes", expected.bytes, got.bytes);
  out.same("squares", expected.sum_squared_bytes, got.sum_squared_bytes);
  out.same("overhead", expected.overhead_bytes, got.overhead_bytes);
  for (std::size_t i = 0; i < WEIR_EVENTS; ++i)
    out.same("event", std::uint64_t{expected.events[i]}, std::uint64_t{got.events[i]});
  if (is_exact) {
    out.same("first", expected.first_ns, got.first_ns);
    out.same("last", expected.last_ns, got.last_ns);
    if (std::abs(got.sum_squared_gaps_s2 - expected.sum_squared_gaps_s2) > 1e-9) out.say("gaps");
  } else if (got.first_ns < expected.first_ns || got.last_ns < expected.last_ns || got.last_ns < got.first_ns ||
             got.last_ns > ns(end)) {
    out.say("stamps out of bounds");
  }
}

std::map<std::pair<IpAddress, Role>, OverflowHost> ReferenceFlows::hosts_without(const std::set<FlowKey>& recorded) const {
  std::map<std::pair<IpAddress, Role>, OverflowHost> out;
  for (const auto& [key, flow] : flows_) {
    if (recorded.count(key) != 0) continue;
    for (const Role role : {Role::kSource, Role::kDestination}) {
      OverflowHost& host = out[{role == Role::kSource ? key.source : key.destination, role}];
      for (const Packet& p : flow) {
        ++host.packets;
        host.bytes += p.bytes;
        host.sum_squared_bytes += std::uint64_t{p.bytes} * p.bytes;
        host.tcp_packets += key.protocol == IPPROTO_TCP ? 1 : 0;
        host.udp_packets += key.protocol == IPPROTO_UDP ? 1 : 0;
        host.icmp_packets += key.protocol == IPPROTO_ICMP || key.protocol == IPPROTO_ICMPV6 ? 1 : 0;
        host.syn_packets += p.events[WEIR_EVENT_SYN] ? 1 : 0;
      }
    }
  }
  return out;
}

void ReferenceFlows::check_hosts(const Snapshot& drained, const std::set<FlowKey>& recorded, Differences& out) const {
  auto expected = hosts_without(recorded);
  for (const OverflowHost& got : drained.overflow_hosts) {
    const auto host = expected.find({got.host, got.role});
    if (host == expected.end()) return out.say("a host that did not overflow, or twice: " + got.host.to_string());
    const OverflowHost& h = host->second;
    out.same("host's packets", h.packets, got.packets);
    out.same("host's bytes", h.bytes, got.bytes);
    out.same("host's squares", h.sum_squared_bytes, got.sum_squared_bytes);
    out.same("host's TCP", h.tcp_packets, got.tcp_packets);
    out.same("host's UDP", h.udp_packets, got.udp_packets);
    out.same("host's ICMP", h.icmp_packets, got.icmp_packets);
    out.same("host's SYN", h.syn_packets, got.syn_packets);
    if (got.first_ns > got.last_ns) out.say("host's last before its first");
    expected.erase(host);
  }
  std::uint64_t homeless = 0;
  for (const auto& [key, host] : expected) homeless += host.packets;
  out.same("packets whose host has no record", homeless, drained.totals.overflow_without_host);
}

void ReferenceFlows::check_overflow(const Snapshot& drained, const std::set<FlowKey>& recorded, Differences& out) const {
  std::uint64_t packets = 0, bytes = 0;
  std::array<std::uint64_t, 256> protocols{};
  std::map<std::pair<bool, std::uint16_t>, std::uint64_t> expected_ports, ports;
  std::array<std::size_t, 2> missing{}, present{};
  for (const auto& [key, flow] : flows_) {
    const bool is_recorded = recorded.count(key) != 0;
    ++(is_recorded ? present : missing)[key.source.is_v4() ? 0 : 1];
    if (is_recorded) continue;
    for (const Packet& p : flow) bytes += p.bytes;
    packets += flow.size();
    protocols[key.protocol] += flow.size();
    if (key.protocol == IPPROTO_TCP || key.protocol == IPPROTO_UDP)
      expected_ports[{key.protocol == IPPROTO_UDP, key.destination_port}] += flow.size();
  }
  for (const PortCount& p : drained.overflow_ports) ports[{p.udp, p.port}] += p.packets;
  out.same("overflow", packets, drained.totals.overflow_packets);
  out.same("overflow's bytes", bytes, drained.totals.overflow_bytes);
  if (ports != expected_ports) out.say("packets without a flow by port");
  if (protocols != drained.overflow_protocols) out.say("packets without a flow by protocol");
  for (const std::size_t version : {0u, 1u})
    if (missing[version] != 0 && present[version] < WEIR_WAYS) out.say("overflow with no set full");
  check_hosts(drained, recorded, out);
}

void ReferenceFlows::check_samples(const Snapshot& drained, Differences& out) const {
  for (const PayloadSample& s : drained.samples)
    if (possible_samples_.count({s.key, s.payload_bytes, {s.head.begin(), s.head.begin() + s.size}}) == 0)
      out.say("a sample of what was not sent");
  out.same("samples", drained.totals.samples_sent, std::uint64_t{drained.samples.size()});
}

std::string ReferenceFlows::differences(const Snapshot& drained, std::uint32_t end, bool is_exact) const {
  Differences out;
  const Totals& t = drained.totals;
  out.same("seen", packets_, t.seen_packets);
  out.same("bytes seen", bytes_, t.seen_bytes);
  for (std::size_t i = 0; i < WEIR_UNDECODED_REASONS; ++i) {
    out.same(undecoded_reason_name(i), undecoded_packets_[i], t.undecoded_packets[i]);
    out.same(undecoded_reason_name(i), undecoded_bytes_[i], t.undecoded_bytes[i]);
  }
  std::set<FlowKey> recorded;
  for (const FlowRecord& flow : drained.flows) {
    if (!recorded.insert(flow.key).second) out.say("two records of a flow");
    check_record(flow, end, is_exact, out);
  }
  out.same("saturated", out.saturated, t.saturated_events);
  check_overflow(drained, recorded, out);
  check_samples(drained, out);
  if (!t.is_conserved()) out.say("the law does not hold");
  return out.text;
}

}  // namespace weir::test
