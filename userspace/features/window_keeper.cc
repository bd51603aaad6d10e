#include "features/window_keeper.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <utility>

#include "features/address_hash.h"
#include "features/flow_signs.h"
#include "features/sample_signs.h"
#include "features/window_math.h"

namespace weir {
namespace {

constexpr std::size_t kMostHistograms = 16384;  // of 1 KiB each
constexpr std::size_t kRecordsAhead = 16;       // 32 gain nothing: a core has about that many misses under way
constexpr std::uint8_t kFin = 0x01, kRst = 0x04;
constexpr std::int64_t kSlowAnswer_ns = 2'000'000'000;
constexpr std::uint16_t kPortsAtWill = 32768;  // from here on systems take ports for clients, or for anything

std::int64_t window_start(std::int64_t time_ns) {
  const std::int64_t into = (time_ns % kWindow_ns + kWindow_ns) % kWindow_ns;
  return time_ns - into;
}

bool is_icmp(std::uint8_t protocol) { return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6; }

/// Only TCP and UDP have ports here; a later fragment carries none (0).
bool has_port(const FlowKey& key) {
  return (key.protocol == IPPROTO_TCP || key.protocol == IPPROTO_UDP) && key.destination_port != 0;
}

void widen(HostWindow& h, std::int64_t first_ns, std::int64_t last_ns) {
  h.first_ns = h.packets == 0 ? first_ns : std::min(h.first_ns, first_ns);
  h.last_ns = h.packets == 0 ? last_ns : std::max(h.last_ns, last_ns);
}

}  // namespace

std::vector<IpPrefix> WindowOptions::default_home() {
  std::vector<IpPrefix> home;
  for (const char* text : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8",
                           "fc00::/7", "fe80::/10", "::1"})
    home.push_back(*IpPrefix::parse(text));
  return home;
}

WindowKeeper::WindowKeeper(WindowOptions options)
    : options_(std::move(options)),
      hosts_(options_, random_seed()),
      flows_(options_.flows, random_seed()),
      half_open_(options_.flows, random_seed()),
      conversations_(options_.flows, random_seed()),
      signs_(options_.flows / 2, random_seed()),
      beacons_(random_seed()) {
  for (const std::uint16_t port : options_.common_ports) common_ports_.set(port);
}

void WindowKeeper::use(WindowOptions options) {
  next_options_ = std::move(options);
  if (!is_open_) take_options();
}

void WindowKeeper::take_options() {
  const bool has_other_room = next_options_->flows != options_.flows;
  options_ = *std::exchange(next_options_, std::nullopt);
  hosts_ = HostTable(options_, random_seed());
  common_ports_.reset();
  for (const std::uint16_t port : options_.common_ports) common_ports_.set(port);
  if (!has_other_room) return;
  earlier_lost_signs_ = losses_.lost_signs;
  flows_ = FlowJoin(options_.flows, random_seed());
  half_open_ = HalfOpen(options_.flows, random_seed());
  conversations_ = Conversations(options_.flows, random_seed());
  signs_ = Signs(options_.flows / 2, random_seed());
  beacons_ = Beacons(random_seed());
}

void WindowKeeper::add(const Snapshot& tick, const OnClose& on_close) {
  const std::int64_t start = window_start(tick.start_ns);
  if (is_open_ && start != start_ns_) close(on_close);
  seen_until_ns_ = start + kWindow_ns;
  is_open_ = true;
  start_ns_ = start;
  const std::span<const FlowRecord> records(tick.flows);
  for (std::size_t at = 0; at < records.size(); at += kRecordsAhead)
    add_records(records.subspan(at, std::min(kRecordsAhead, records.size() - at)));
  for (const FlowRecord& answer : tick.answers) add_direction(answer.key, flow_of(answer), conversations_);
  for (const OverflowHost& host : tick.overflow_hosts) add_overflow(host);
  for (const PayloadSample& sample : tick.samples) add_sample(sample);
  end_tick();
  last_tick_end_ns_ = tick.end_ns;
  if (tick.end_ns >= start_ns_ + kWindow_ns) close(on_close);
}

void WindowKeeper::finish(const OnClose& on_close) {
  seen_until_ns_ = std::min(seen_until_ns_, last_tick_end_ns_);
  if (is_open_) close(on_close);
}

std::uint32_t WindowKeeper::place_of(const IpAddress& host, Role role, HostTable::Hash hash) {
  const std::uint32_t place = hosts_.find_or_add(host, role, hash);
  if (place != HostTable::kNone && scratch_.size() <= place) scratch_.emplace_back();
  return place;
}

/// Records come in no order that a cache would know. In rounds over a few of them, what each will need is fetched while
/// the others are looked at: at 1M flows this is three times as fast as one record after another.
void WindowKeeper::add_records(std::span<const FlowRecord> few) {
  std::array<RecordHashes, kRecordsAhead> hashes;
  for (std::size_t i = 0; i < few.size(); ++i) hashes[i] = prefetch_places(few[i]);
  for (std::size_t i = 0; i < few.size(); ++i) prefetch_entries(hashes[i]);
  for (std::size_t i = 0; i < few.size(); ++i) add_record(few[i], hashes[i]);
}

WindowKeeper::RecordHashes WindowKeeper::prefetch_places(const FlowRecord& r) const {
  const RecordHashes hashes{flows_.index().hash_of(r.key), hosts_.hash_of(r.key.source, Role::kSource),
                            hosts_.hash_of(r.key.destination, Role::kDestination)};
  flows_.index().prefetch_place(hashes.flow);
  hosts_.prefetch_place(hashes.source);
  hosts_.prefetch_place(hashes.destination);
  return hashes;
}

void WindowKeeper::prefetch_entries(const RecordHashes& hashes) const {
  flows_.index().prefetch_entry(hashes.flow);
  for (const HostTable::Hash hash : {hashes.source, hashes.destination}) {
    const std::uint32_t place = hosts_.prefetch_host(hash);
    if (place != HostTable::kNone) __builtin_prefetch(&scratch_[place]);
  }
}

void WindowKeeper::add_record(const FlowRecord& r, const RecordHashes& hashes) {
  auto [flow, half_open_before] = flows_.join(r, hashes.flow);
  const bool is_joined = flow != nullptr;
  JoinedFlow alone;
  if (!is_joined) {
    ++losses_.unjoined_records;
    alone = flow_of(r);
    flow = &alone;
  }
  // The same each time: a host that found no room finds none later in the window.
  flow->source_place = add_to_role(Role::kSource, r, hashes.source, *flow, half_open_before);
  if (!r.key.destination.is_group())  // a group is no host
    add_to_role(Role::kDestination, r, hashes.destination, *flow, half_open_before);
  if (!is_joined) add_flow(r.key, alone);
}

std::uint32_t WindowKeeper::add_to_role(Role role, const FlowRecord& r, HostTable::Hash hash, const JoinedFlow& flow,
                                        std::uint64_t half_open_before) {
  const std::uint32_t place = place_of(role == Role::kSource ? r.key.source : r.key.destination, role, hash);
  if (place == HostTable::kNone) {
    losses_.untracked_packets += r.packets;
    return place;
  }
  add_to_host(place, r);
  add_evidence(place, r, flow, half_open_before);
  return place;
}

void WindowKeeper::add_to_host(std::uint32_t place, const FlowRecord& r) {
  HostWindow& h = hosts_.at(place);
  widen(h, r.first_ns, r.last_ns);
  h.packets += r.packets;
  h.bytes += r.bytes;
  h.sum_squared_bytes += r.sum_squared_bytes;
  const bool is_tcp = r.key.protocol == IPPROTO_TCP, is_udp = r.key.protocol == IPPROTO_UDP;
  h.tcp_packets += is_tcp ? r.packets : 0;
  h.udp_packets += is_udp ? r.packets : 0;
  h.icmp_packets += is_icmp(r.key.protocol) ? r.packets : 0;
  if (has_port(r.key) && !common_ports_[r.key.destination_port]) h.uncommon_port_packets += r.packets;
  scratch_[place].tick_packets += r.packets;
}

void WindowKeeper::add_evidence(std::uint32_t place, const FlowRecord& r, const JoinedFlow& flow,
                                std::uint64_t half_open_before) {
  HostWindow& h = hosts_.at(place);
  Evidence& e = h.evidence;
  e.syn_packets += syn_packets_of(r);
  e.odd_packets += r.events[WEIR_EVENT_ODD];
  e.half_open_syn += flow.half_open_syn();
  e.half_open_syn -= std::min(e.half_open_syn, half_open_before);
  const IpAddress by = h.role == Role::kSource ? h.host : IpAddress();
  half_open_.change(place, by, r.key.destination, r.key.destination_port, half_open_before, flow.half_open_syn());
  if (!is_icmp(r.key.protocol) || is_icmp_answer(r.key)) return;
  if (h.role == Role::kDestination) {
    e.icmp_packets += r.packets;
  } else if (flow.packets > e.icmp_packets) {
    e.icmp_packets = flow.packets;
    e.icmp_target = r.key.destination;
  }
}

void WindowKeeper::add_flow(const FlowKey& key, const JoinedFlow& flow) {
  const std::uint32_t place = flow.source_place;
  if (place == HostTable::kNone) return;  // its packets are counted as untracked
  add_flow_figures(flow, scratch_[place].figures);
  const bool has_room = ports_.size() < 2 * std::size_t{options_.flows};  // flows that were not joined come on top
  if (!has_room) return;
  if (has_port(key)) ports_.add(place, key.destination_port);
}

void WindowKeeper::add_overflow(const OverflowHost& overflow) {
  if (overflow.role == Role::kDestination && overflow.host.is_group()) return;
  const std::uint32_t place = place_of(overflow.host, overflow.role, hosts_.hash_of(overflow.host, overflow.role));
  if (place == HostTable::kNone) {
    losses_.untracked_packets += overflow.packets;
    return;
  }
  HostWindow& h = hosts_.at(place);
  widen(h, overflow.first_ns, overflow.last_ns);
  h.packets += overflow.packets;
  h.bytes += overflow.bytes;
  h.sum_squared_bytes += overflow.sum_squared_bytes;
  h.tcp_packets += overflow.tcp_packets;
  h.udp_packets += overflow.udp_packets;
  h.icmp_packets += overflow.icmp_packets;
  h.evidence.syn_packets += overflow.syn_packets;
  // Flows without a slot cannot be asked for their ACK. Mostly SYN is what an unaccepted crowd sends.
  if (2 * overflow.syn_packets >= overflow.tcp_packets) {
    h.evidence.half_open_syn += overflow.syn_packets;
    h.evidence.overflow_syn += overflow.syn_packets;
  }
  scratch_[place].tick_packets += overflow.packets;
}

void WindowKeeper::add_sample(const PayloadSample& sample) {
  read_sample_signs(sample, signs_);
  const std::uint32_t place = hosts_.find(sample.key.source, Role::kSource);
  if (place == HostTable::kNone) return;  // its packets are counted as untracked
  std::uint32_t& histogram = scratch_[place].histogram;
  if (histogram == 0) {
    if (histograms_.size() == kMostHistograms) {
      ++losses_.unheard_samples;
      return;
    }
    histograms_.emplace_back();
    histogram = static_cast<std::uint32_t>(histograms_.size());
  }
  histograms_[histogram - 1].add({sample.head.data(), sample.size});
}

void WindowKeeper::end_tick() {
  for (std::uint32_t place = 0; place < scratch_.size(); ++place) {
    HostWindow& h = hosts_.at(place);
    h.burst_packets = std::max(h.burst_packets, scratch_[place].tick_packets);
    h.evidence.half_open_to_service = h.evidence.overflow_syn;
    scratch_[place].tick_packets = 0;
  }
  half_open_.report(hosts_);
}

/// Only of calls that leave home: inside, monitoring is steady by design.
void WindowKeeper::read_beacon(const FlowKey& key, const JoinedFlow& flow) {
  if (flow.source_place == HostTable::kNone || !begins_conversation(key, flow, conversations_)) return;
  if (hosts_.is_home(key.destination)) return;
  const auto beacon = beacons_.add(key.source, key.destination, key.destination_port, key.protocol, flow.first_ns);
  if (beacon) signs_.add(key.source, *beacon);
}

/// Who took a port at will is the client, also where the connection began in an earlier window. Port 20 is FTP's, whose data
/// go to a port that the client took. Within home the server is who has to answer for it.
void WindowKeeper::read_service(const FlowKey& key, const JoinedFlow& flow) {
  if (key.protocol != IPPROTO_TCP || key.destination_port >= kPortsAtWill || common_ports_[key.destination_port]) return;
  const bool is_client = flow.synacks == 0 && (flow.syn_packets > 0 || key.source_port >= kPortsAtWill);
  if (!is_client || key.source_port == 20 || flow.is_probe() || flow.bytes <= flow.overhead_bytes) return;
  const std::uint64_t bytes = flow.bytes - flow.overhead_bytes;
  if (hosts_.is_home(key.destination))
    signs_.add(key.destination, SignKind::kServiceServed, key.source, key.destination_port, bytes);
  else if (hosts_.is_home(key.source))
    signs_.add(key.source, SignKind::kServiceUsed, key.destination, key.destination_port, bytes);
}

/// A connection that is accepted, stays open and gets no answer: its request never ends, or it makes none.
void WindowKeeper::read_held(const FlowKey& key, const JoinedFlow& flow) {
  if (key.protocol != IPPROTO_TCP || flow.syn_packets == 0 || flow.half_open_syn() > 0) return;
  const bool is_over = (flow.tcp_flags & (kFin | kRst)) != 0;
  if (is_over || flow.first_ns > seen_until_ns_ - kSlowAnswer_ns) return;
  const Conversations::Direction* back = conversations_.answer_to(key);
  if (back != nullptr && !back->has_data)
    signs_.add(key.source, SignKind::kHeldConnection, key.destination, key.destination_port);
}

void WindowKeeper::read_signs() {
  const FlowJoin::Index& flows = flows_.index();
  for (std::uint32_t i = 0; i < flows.size(); ++i) add_direction(flows.key(i), flows.value(i), conversations_);
  for (std::uint32_t i = 0; i < flows.size(); ++i) {
    const FlowKey& key = flows.key(i);
    read_beacon(key, flows.value(i));
    read_service(key, flows.value(i));
    read_held(key, flows.value(i));
    const auto is_answered = read_flow_signs(key, flows.value(i), conversations_, signs_);
    const std::uint32_t place = is_answered ? hosts_.find(key.destination, Role::kDestination) : HostTable::kNone;
    if (place == HostTable::kNone) continue;
    Evidence& e = hosts_.at(place).evidence;
    ++(*is_answered ? e.answered_flows : e.refused_flows);
    if (!*is_answered && key.protocol == IPPROTO_UDP) e.unanswered_packets += flows.value(i).packets;
  }
  signs_.end_window(start_ns_);
}

void WindowKeeper::finish_hosts() {
  const FlowJoin::Index& flows = flows_.index();
  for (std::uint32_t i = 0; i < flows.size(); ++i) add_flow(flows.key(i), flows.value(i));
  read_signs();
  const std::vector<std::uint32_t>& unique_ports = ports_.count(scratch_.size());
  for (std::uint32_t place = 0; place < scratch_.size(); ++place) {
    HostWindow& h = hosts_.at(place);
    h.start_ns = start_ns_;
    h.end_ns = start_ns_ + kWindow_ns;
    scratch_[place].figures.unique_ports = unique_ports[place];
    h.replies_visible = conversations_.replies_visible();
    h.replies_proven = conversations_.replies_proven();
    h.signs = signs_.figures_of(h.host);
    h.evidence.ports_probed = h.role == Role::kSource ? h.in_window().failed_ports_tcp.count : 0;
    h.evidence.probed_host = h.role == Role::kSource ? h.in_window().failed_ports_tcp.host : IpAddress();
    const std::uint32_t histogram = scratch_[place].histogram;
    const double entropy = histogram == 0 ? 0 : histograms_[histogram - 1].entropy();
    if (h.role == Role::kSource) h.features = make_features(h, scratch_[place].figures, entropy);
  }
}

void WindowKeeper::close(const OnClose& on_close) {
  finish_hosts();
  closed_.start_ns = start_ns_;
  closed_.end_ns = start_ns_ + kWindow_ns;
  closed_.decided_ns = std::min(last_tick_end_ns_, closed_.end_ns);
  hosts_.move_to(closed_.hosts);
  flows_.clear();
  half_open_.clear();
  scratch_.clear();
  histograms_.clear();
  ports_.clear();
  conversations_.begin_window();
  signs_.begin_window();
  losses_.lost_signs = earlier_lost_signs_ + conversations_.lost() + signs_.lost();
  is_open_ = false;
  if (next_options_) take_options();
  on_close(closed_);
  closed_.hosts.clear();  // their signs take more room than the next window's have to wait for
}

Result<void> observe(FlowSource& source, WindowKeeper& keeper, const WindowKeeper::OnClose& on_close) {
  Snapshot tick;
  for (;;) {
    const auto more = source.read_tick(tick);
    if (more && *more) {
      keeper.add(tick, on_close);
      continue;
    }
    keeper.finish(on_close);
    if (!more) return tl::make_unexpected(more.error());
    return {};
  }
}

}  // namespace weir
