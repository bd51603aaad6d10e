#include "features/flow_join.h"

#include <algorithm>

namespace weir {
namespace {

constexpr std::uint8_t kSyn = 0x02, kRst = 0x04, kAck = 0x10;
constexpr double kNanosecond_s = 1e-9;

double gap_s(std::int64_t from_ns, std::int64_t to_ns) {
  return to_ns > from_ns ? static_cast<double>(to_ns - from_ns) * kNanosecond_s : 0;
}

/// Past 255 the kernel stops counting; in a flow of nothing but RST, as a host answers what it never asked for, every packet
/// is one.
std::uint32_t resets_of(const FlowRecord& r) {
  const bool saturated = (r.events[WEIR_EVENT_SATURATED] >> WEIR_EVENT_RST & 1) != 0;
  const bool only_resets = (r.tcp_flags() & 0x3f) == kRst;
  return saturated && only_resets ? static_cast<std::uint32_t>(r.packets) : r.events[WEIR_EVENT_RST];
}

}  // namespace

std::uint64_t syn_packets_of(const FlowRecord& r) {
  const bool saturated = (r.events[WEIR_EVENT_SATURATED] >> WEIR_EVENT_SYN & 1) != 0;
  // Past 255 the kernel stops counting; in a flow of nothing but SYN every packet is one.
  const bool only_syn = (r.tcp_flags() & 0x3f) == kSyn;
  return saturated && only_syn ? r.packets : r.events[WEIR_EVENT_SYN];
}

std::uint64_t JoinedFlow::half_open_syn() const { return (tcp_flags & kAck) != 0 ? 0 : syn_packets; }

bool JoinedFlow::is_probe() const { return (tcp_flags & kAck) == 0 && ((tcp_flags & kSyn) != 0 || (tcp_flags & kRst) == 0); }

JoinedFlow flow_of(const FlowRecord& r) {
  JoinedFlow f;
  f.packets = r.packets;
  f.bytes = r.bytes;
  f.sum_squared_bytes = r.sum_squared_bytes;
  f.overhead_bytes = r.overhead_bytes;
  f.syn_packets = syn_packets_of(r);
  f.sum_squared_gaps_s2 = r.sum_squared_gaps_s2;
  f.first_ns = r.first_ns;
  f.last_ns = r.last_ns;
  f.synacks = r.events[WEIR_EVENT_SYNACK];
  f.resets = resets_of(r);
  f.odd_packets = r.events[WEIR_EVENT_ODD];
  f.tcp_flags = r.tcp_flags();
  return f;
}

FlowJoin::Joined FlowJoin::join(const FlowRecord& r, Index::Hash hash) {
  const std::size_t known = index_.size();
  const std::uint32_t number = index_.find_or_add(r.key, hash);
  if (number == Index::kNone) return {nullptr, 0};
  JoinedFlow& f = index_.value(number);
  if (number == known) {
    f = flow_of(r);
    return {&f, 0};
  }
  const std::uint64_t half_open_before = f.half_open_syn();
  const double between = gap_s(f.last_ns, r.first_ns) + gap_s(r.last_ns, f.first_ns);  // one of them is 0
  f.packets += r.packets;
  f.bytes += r.bytes;
  f.sum_squared_bytes += r.sum_squared_bytes;
  f.overhead_bytes += r.overhead_bytes;
  f.syn_packets += syn_packets_of(r);
  f.sum_squared_gaps_s2 += r.sum_squared_gaps_s2 + between * between;
  f.first_ns = std::min(f.first_ns, r.first_ns);
  f.last_ns = std::max(f.last_ns, r.last_ns);
  f.synacks += r.events[WEIR_EVENT_SYNACK];
  f.resets += resets_of(r);
  f.odd_packets += r.events[WEIR_EVENT_ODD];
  f.tcp_flags |= r.tcp_flags();
  return {&f, half_open_before};
}

}  // namespace weir
