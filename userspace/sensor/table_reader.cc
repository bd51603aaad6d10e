#include "sensor/table_reader.h"

#include <arpa/inet.h>
#include <sys/random.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "sensor/table_size.h"

namespace weir {
namespace {

constexpr double kStampUnit_s = static_cast<double>(1 << WEIR_TIME_SHIFT) / 1e9;
constexpr std::uint32_t kSampleBurst = 16;  // samples that may come at once after a pause

weir_decapsulate decapsulate_bit(Tunnel tunnel) {
  switch (tunnel) {
    case Tunnel::kVxlan:
      return WEIR_DECAPSULATE_VXLAN;
    case Tunnel::kGre:
      return WEIR_DECAPSULATE_GRE;
    case Tunnel::kIpInIp:
      return WEIR_DECAPSULATE_IPIP;
    case Tunnel::kMpls:
      return WEIR_DECAPSULATE_MPLS;
    case Tunnel::kPppoe:
      return WEIR_DECAPSULATE_PPPOE;
  }
  std::abort();
}

std::uint32_t epoch_of(std::uint64_t tag) { return static_cast<std::uint32_t>(tag >> WEIR_TAG_EPOCH_SHIFT); }

FlowKey read_key(std::uint64_t tag, const IpAddress& source, const IpAddress& destination) {
  FlowKey key;
  key.source = source;
  key.destination = destination;
  key.source_port = ntohs(static_cast<std::uint16_t>(tag));
  key.destination_port = ntohs(static_cast<std::uint16_t>(tag >> 16));
  key.protocol = static_cast<std::uint8_t>(tag >> WEIR_TAG_PROTO_SHIFT);
  key.origin = static_cast<std::uint16_t>(tag >> WEIR_TAG_ORIGIN_SHIFT);
  return key;
}

FlowKey key_of(const weir_flow4& slot) {
  return read_key(slot.tag, IpAddress::v4(static_cast<std::uint32_t>(slot.addr)),
                  IpAddress::v4(static_cast<std::uint32_t>(slot.addr >> 32)));
}

FlowKey key_of(const weir_flow6& slot) {
  return read_key(slot.tag, IpAddress::v6(&slot.addr[0]), IpAddress::v6(&slot.addr[2]));
}

void add_flow(const FlowKey& key, const weir_counters& c, const StampClock& clock, Snapshot& out) {
  FlowRecord& r = out.flows.emplace_back();
  r.key = key;
  r.packets = c.packets;
  r.bytes = c.bytes;
  r.sum_squared_bytes = c.sum_sq_len;
  r.overhead_bytes = c.overhead_bytes;
  r.sum_squared_gaps_s2 = static_cast<double>(c.sum_sq_gap) * kStampUnit_s * kStampUnit_s;
  r.first_ns = clock.unix_ns(c.first);
  r.last_ns = clock.unix_ns(c.last);
  std::copy_n(c.events, r.events.size(), r.events.begin());
  out.totals.flow_packets += c.packets;
  out.totals.flow_bytes += c.bytes;
  ++out.totals.flow_records;
}

template <class Set>
void take_set(Set& set, std::uint32_t epoch, const StampClock& clock, Snapshot& out) {
  for (auto& slot : set.way) {
    if (epoch_of(slot.tag) != epoch) continue;
    add_flow(key_of(slot), slot.c, clock, out);
    slot.tag = 0;  // without this the epoch's wrap would bring the record back to life
  }
}

/// A table and which groups of its sets were touched since the last drain.
template <class Set>
struct FlowTable {
  Set* sets;
  std::uint8_t* touched;
};

constexpr std::uint32_t kGroupsAtOnce = 8;

/// Of eight groups: a replay of little traffic spent a sixth of its time asking one by one.
bool are_untouched(const std::uint8_t* groups) {
  std::uint64_t eight = 0;
  std::memcpy(&eight, groups, sizeof eight);
  return eight == 0;
}

/// Visits the sets of a share that lie in touched groups.
template <class Set>
void take_flows(const FlowTable<Set>& table, std::uint32_t first, std::uint32_t count, std::uint32_t epoch,
                const StampClock& clock, Snapshot& out) {
  const std::uint32_t end = first + count;
  for (std::uint32_t i = first; i < end;) {
    const std::uint32_t group = i / WEIR_GROUP_SETS, next = std::min(end, (group + 1) * WEIR_GROUP_SETS);
    if ((group + kGroupsAtOnce) * WEIR_GROUP_SETS <= end && are_untouched(table.touched + group))
      i = (group + kGroupsAtOnce) * WEIR_GROUP_SETS;
    else if (table.touched[group] == 0)
      i = next;
    else
      for (; i < next; ++i) take_set(table.sets[i], epoch, clock, out);
  }
}

template <class Set>
FlowTable<Set> flow_table(const weir_native_map& sets, const weir_native_map& touched) {
  return {static_cast<Set*>(sets.base), static_cast<std::uint8_t*>(touched.base)};
}

/// Only after all CPUs' shares were read: two may meet within a group.
void forget_touched(const weir_native_map& touched, std::uint32_t generation, std::uint32_t sets) {
  const std::uint32_t groups = sets / WEIR_GROUP_SETS;
  std::memset(static_cast<std::uint8_t*>(touched.base) + std::size_t{generation} * groups, 0, groups);
}

void add_host(const weir_host& h, const StampClock& clock, Snapshot& out) {
  OverflowHost& o = out.overflow_hosts.emplace_back();
  const bool is_v4 = (h.tag & 0xff) == 4;
  o.host = is_v4 ? IpAddress::v4(static_cast<std::uint32_t>(h.addr[0])) : IpAddress::v6(h.addr);
  o.role = (h.tag >> 8 & 0xff) == WEIR_ROLE_SOURCE ? Role::kSource : Role::kDestination;
  o.packets = h.packets;
  o.bytes = h.bytes;
  o.sum_squared_bytes = h.sum_sq_len;
  o.tcp_packets = h.tcp;
  o.udp_packets = h.udp;
  o.icmp_packets = h.icmp;
  o.syn_packets = h.syn;
  o.first_ns = clock.unix_ns(h.first);
  o.last_ns = clock.unix_ns(h.last);
}

void take_hosts(weir_tables& t, const weir_share& share, std::uint32_t epoch, const StampClock& clock, Snapshot& out) {
  auto* set = static_cast<weir_host_set*>(t.hosts.base) + share.first_host;
  for (std::size_t i = 0; i < share.host_sets; ++i)
    for (weir_host& h : set[i].way) {
      if (h.tag >> 16 != epoch) continue;
      add_host(h, clock, out);
      h.tag = 0;
    }
}

void take_ports(weir_ports& histogram, Snapshot& out) {
  auto& ports = histogram.packets;
  for (std::uint32_t i = 0; i < 2 * WEIR_PORTS; i += 2) {
    std::uint64_t pair = 0;  // two at a time: nearly all are zero
    std::memcpy(&pair, &ports[i], sizeof pair);
    if (pair == 0) continue;
    for (std::uint32_t j = i; j < i + 2; ++j) {
      if (ports[j] != 0) out.overflow_ports.push_back({static_cast<std::uint16_t>(j), j >= WEIR_PORTS_UDP, ports[j]});
      ports[j] = 0;
    }
  }
}

void take_state(weir_state& st, const StampClock& clock, Snapshot& out) {
  Totals& t = out.totals;
  t.seen_packets += st.seen_packets;
  t.seen_bytes += st.seen_bytes;
  t.overflow_packets += st.overflow_packets;
  t.overflow_bytes += st.overflow_bytes;
  t.overflow_without_host += st.host_overflow;
  t.saturated_events += st.saturated;
  t.samples_sent += st.sampled;
  t.samples_capped += st.sample_capped;
  t.samples_lost += st.sample_lost;
  for (std::size_t i = 0; i < WEIR_UNDECODED_REASONS; ++i) {
    t.undecoded_packets[i] += st.undecoded_packets[i];
    t.undecoded_bytes[i] += st.undecoded_bytes[i];
  }
  for (std::size_t i = 0; i < out.overflow_protocols.size(); ++i) out.overflow_protocols[i] += st.overflow_proto[i];
  if (st.share.is_spill) t.spill_packets += st.seen_packets;
  for (std::size_t i = 0; i < t.merged_frames.size(); ++i) t.merged_frames[i] += st.merged_frames[i];
  t.answer_packets += st.answer_packets;
  t.answer_bytes += st.answer_bytes;
  t.answer_overflow_packets += st.answer_overflow;
  const std::uint32_t credit = st.credit;
  const weir_share share = st.share;
  std::memset(&st, 0, sizeof st);
  st.credit = credit;
  st.share = share;
  // Nothing can arrive here before the flip. Left as they were, both would lie in the future of a packet that comes after
  // 36 silent minutes, and its stamp would stand still.
  st.tick = st.last_stamp = clock.flip_stamp();
}

/// Moves answers out of the flows and their sums.
void split_answers(std::uint32_t answer_slots, Snapshot& out) {
  if (answer_slots == 0) return;
  const auto first = std::stable_partition(out.flows.begin(), out.flows.end(), [&](const FlowRecord& f) {
    return !is_leaving(f.key.origin) || (answer_slots >> interface_slot(f.key.origin) & 1) == 0;
  });
  for (auto answer = first; answer != out.flows.end(); ++answer) {
    out.totals.flow_packets -= answer->packets;
    out.totals.flow_bytes -= answer->bytes;
    --out.totals.flow_records;
    out.totals.answer_record_packets += answer->packets;
  }
  out.answers.insert(out.answers.end(), first, out.flows.end());
  out.flows.erase(first, out.flows.end());
}

}  // namespace

void drain_generation(weir_tables& t, std::uint32_t epoch, const StampClock& clock, Snapshot& out) {
  const std::uint32_t generation = epoch & 1, cpus = t.config.cpus;
  const auto table4 = flow_table<weir_set4>(t.flows4, t.touched4);
  const auto table6 = flow_table<weir_set6>(t.flows6, t.touched6);
  bool overflowed = false;
  for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) {
    const std::uint32_t region = generation * cpus + cpu;
    weir_state& st = static_cast<weir_state*>(t.states.base)[region];
    const std::uint64_t records_before = out.totals.flow_records;
    if (st.seen_packets + st.answer_packets != 0) {
      out.totals.stash_packets += weir_native_finish_stash(&t, region);
      take_flows(table4, st.share.first4, st.share.sets4, epoch, clock, out);
      take_flows(table6, st.share.first6, st.share.sets6, epoch, clock, out);
      if (st.overflow_packets != 0) take_hosts(t, st.share, epoch, clock, out);
      std::fill_n(static_cast<std::uint64_t*>(t.filter.base) + st.share.first_word, st.share.words, std::uint64_t{0});
    }
    overflowed |= st.overflow_packets != 0;
    out.cpus.push_back(
        {st.seen_packets, out.totals.flow_records - records_before, st.overflow_packets, st.share.is_spill == 0});
    take_state(st, clock, out);
  }
  forget_touched(t.touched4, generation, generation_entries(t.config.sets4, WEIR_SPILL_SETS4, cpus));
  forget_touched(t.touched6, generation, generation_entries(t.config.sets6, WEIR_SPILL_SETS6, cpus));
  if (overflowed)
    for (std::uint32_t i = 0; i < t.config.port_histograms; ++i)
      take_ports(static_cast<weir_ports*>(t.ports.base)[generation * t.config.port_histograms + i], out);
  split_answers(t.control->answer_slots, out);
}

void reset_clocks(weir_tables& t, std::uint32_t stamp) {
  auto* states = static_cast<weir_state*>(t.states.base);
  for (std::uint32_t region = 0; region < 2 * t.config.cpus; ++region) {
    states[region].tick = states[region].last_stamp = stamp;
    states[region].credit = t.config.sample_burst;
  }
}

PayloadSample read_sample(const weir_sample& s) {
  const auto address = [&s](const __u64* a) {
    return s.family == 4 ? IpAddress::v4(static_cast<std::uint32_t>(a[0])) : IpAddress::v6(a);
  };
  PayloadSample out;
  out.key = read_key(s.tag, address(s.src), address(s.dst));
  out.payload_bytes = s.payload_len;
  out.size = static_cast<std::uint8_t>(std::min<std::uint32_t>(s.copied, WEIR_SAMPLE_BYTES));
  std::copy_n(s.data, out.size, out.head.begin());
  return out;
}

weir_config make_config(const TableSize& size, std::uint32_t cpus, std::uint32_t samples_per_second,
                        const std::vector<Tunnel>& decapsulate) {
  weir_config c{};
  set_table_sizes(c, size, cpus);
  c.sample = samples_per_second != 0;
  c.sample_mask = 255;
  c.sample_cost = samples_per_second == 0 ? 0 : std::max(1u, 1'000'000'000u / (1 << WEIR_TIME_SHIFT) / samples_per_second);
  c.sample_burst = kSampleBurst * c.sample_cost;
  for (const Tunnel tunnel : decapsulate) c.decapsulate |= decapsulate_bit(tunnel);
  if (getrandom(c.key, sizeof c.key, 0) != sizeof c.key) std::abort();  // cannot fail for so few bytes (getrandom(2))
  return c;
}

}  // namespace weir
