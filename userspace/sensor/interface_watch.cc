#include "sensor/interface_watch.h"

#include <algorithm>
#include <cerrno>
#include <set>

#include "sensor/departures.h"
#include "sensor/flow_meter.h"

namespace weir {
namespace {

// A generation may still be written to when an interface is released, and the next flip ends it. The second is for payload
// samples, which wait for the tick after.
constexpr unsigned kDrainsUntilEmpty = 2;
constexpr unsigned kTicksToRetry = 10;  // a driver that refuses may work hard to do so

WatchedInterface describe(const Candidate& candidate, WatchState state, std::string reason) {
  WatchedInterface out;
  out.name = candidate.link.name;
  out.state = state;
  out.role = candidate.wanted.role;
  out.is_required = !candidate.wanted.is_pattern();
  out.ifindex = candidate.link.index;
  out.reason = std::move(reason);
  return out;
}

WatchedInterface describe_unmatched(const InterfaceOptions& wanted) {
  WatchedInterface out;
  out.name = wanted.name;
  out.role = wanted.role;
  out.is_required = !wanted.is_pattern();
  out.reason = wanted.is_pattern() ? "no interface matches" : "no such interface";
  return out;
}

std::string reason_not_to_drop(const Link& link, std::span<const Link> links) {
  return has_own_address(link.name) ? "it has an address" : mirror_obstacle(link, links);
}

}  // namespace

std::string_view watch_state_name(WatchState state) {
  constexpr std::array<std::string_view, kWatchStates> kNames = {"attached", "waiting", "refused", "left out"};
  return kNames[static_cast<std::size_t>(state)];
}

Result<void> InterfaceWatch::start(std::vector<Kept>& kept) {
  if (auto ok = check_names(); !ok) return ok;
  auto monitor = LinkMonitor::open();
  if (!monitor) return tl::make_unexpected(monitor.error());
  monitor_ = std::move(*monitor);
  links_ = monitor_->links();
  selection_ = select_interfaces(options_.interfaces, links_);
  if (auto ok = check_devices({}); !ok) return ok;
  kept_ = &kept;
  auto applied = apply();
  kept_ = nullptr;
  if (!applied) return applied;
  const bool is_blind = state_counts_[static_cast<std::size_t>(WatchState::kAttached)] == 0;
  for (const Candidate& candidate : selection_.watch)
    if (const auto refusal = refused_.find(candidate.link.index); refusal != refused_.end())
      if (is_blind || !candidate.wanted.is_pattern()) return tl::make_unexpected(refusal->second.error);
  return {};
}

Result<void> InterfaceWatch::use(const SensorOptions& options) {
  if (options.xdp_mode != options_.xdp_mode)
    return fail(EOPNOTSUPP, "xdp_mode: no hook can be exchanged for another without a gap: restart weir");
  SensorOptions before = std::exchange(options_, options);
  const auto known = before.interfaces;
  selection_ = select_interfaces(options_.interfaces, links_);
  if (options_.gro_off != before.gro_off) merging_ = Merging(options_.gro_off);
  auto used = attach_all_new(known);
  if (used) used = apply();
  if (used) return used;
  if (options_.gro_off != before.gro_off) merging_ = Merging(before.gro_off);
  options_ = std::move(before);
  selection_ = select_interfaces(options_.interfaces, links_);
  if (auto back = apply(); !back) return back;
  return used;
}

Result<void> InterfaceWatch::attach_all_new(const std::vector<InterfaceOptions>& known) {
  if (auto ok = check_names(); !ok) return ok;
  if (auto ok = check_devices(known); !ok) return ok;
  if (auto placed = place_new(); !placed) return placed;
  for (const Candidate& candidate : selection_.watch) {
    const auto refusal = refused_.find(candidate.link.index);
    const bool is_new = !candidate.wanted.is_pattern() && std::ranges::count(known, candidate.wanted) == 0;
    if (is_new && refusal != refused_.end() && !refusal->second.is_waiting)
      return tl::make_unexpected(refusal->second.error);
  }
  return {};
}

Result<void> InterfaceWatch::check_names() const {
  std::set<std::string> names;
  for (const InterfaceOptions& wanted : options_.interfaces)
    if (!names.insert(wanted.name).second) return fail(EINVAL, wanted.name + " is named twice: name each interface once");
  if (names.size() > WEIR_INTERFACES)
    return fail(EINVAL, "at most " + std::to_string(WEIR_INTERFACES) + " interfaces and patterns can be named");
  return {};
}

/// Those that are known already may have gone, and changed, meanwhile.
Result<void> InterfaceWatch::check_devices(const std::vector<InterfaceOptions>& known) const {
  const auto is_known = [&known](const InterfaceOptions& wanted) { return std::ranges::count(known, wanted) != 0; };
  for (const InterfaceOptions& wanted : selection_.unmatched)
    if (!wanted.is_pattern() && !is_known(wanted))
      return fail(ENODEV, wanted.name + ": no such interface; `ip link` lists them");
  for (const LeftOut& left_out : selection_.left_out)
    if (left_out.is_named && !is_known(left_out.candidate.wanted))
      return fail(EOPNOTSUPP, left_out.candidate.link.name + " " + left_out.reason +
                                  " too: each packet would count twice; name one of the two");
  for (const Candidate& c : selection_.watch) {
    const bool must_mirror = c.wanted.mirror && !c.wanted.is_pattern() && !is_known(c.wanted);
    const std::string reason = must_mirror ? reason_not_to_drop(c.link, links_) : "";
    if (!reason.empty())
      return fail(EOPNOTSUPP,
                  c.link.name + ": mirror drops what arrives, but " + reason + "; take that away or set `mirror: false`");
  }
  return {};
}

void InterfaceWatch::Count::show(WatchedInterface& out) const {
  out.packets = packets;
  out.bytes = bytes;
  out.sent_packets = sent_packets;
  out.sent_bytes = sent_bytes;
  out.merged_frames = merged_frames;
}

void InterfaceWatch::count(const Snapshot& tick) {
  std::array<Count*, WEIR_INTERFACES> of_slot{};
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].use != Slot::Use::kFree) of_slot[i] = &counts_[slots_[i].name];
  for (const FlowRecord& flow : tick.flows) {
    Count* const count = of_slot[interface_slot(flow.key.origin)];
    if (count == nullptr) continue;
    count->packets += flow.packets;
    count->bytes += flow.bytes;
    if (!is_leaving(flow.key.origin)) continue;
    count->sent_packets += flow.packets;
    count->sent_bytes += flow.bytes;
  }
  for (std::size_t i = 0; i < of_slot.size(); ++i)
    if (of_slot[i] != nullptr) of_slot[i]->merged_frames += tick.totals.merged_frames[i];
  for (Slot& slot : slots_)
    if (slot.use == Slot::Use::kEmptying && --slot.drains_left == 0) slot = Slot{};
  for (WatchedInterface& i : interfaces_) {
    const auto count = counts_.find(i.name);
    if (count != counts_.end()) count->second.show(i);
  }
}

Result<void> InterfaceWatch::follow() {
  refresh_frame_limits();
  const auto changed = monitor_->read_changes();
  if (!changed) return tl::make_unexpected(changed.error());
  if (ticks_to_retry_ != 0 && --ticks_to_retry_ == 0) {
    refused_.clear();
    is_pending_ = true;
  }
  if (!*changed && !is_pending_) return {};
  links_ = monitor_->links();
  selection_ = select_interfaces(options_.interfaces, links_);
  return apply();
}

Result<void> InterfaceWatch::apply() {
  is_pending_ = true;
  for (Slot& slot : slots_)
    if (slot.use == Slot::Use::kTaken) keep_or_release(slot, selection_.watch);
  std::erase_if(refused_, [this](const auto& refusal) {
    return std::none_of(selection_.watch.begin(), selection_.watch.end(),
                        [&](const Candidate& c) { return c.link.index == refusal.first; });
  });
  if (auto placed = place_new(); !placed) return placed;
  if (auto departures = follow_departures(); !departures) return departures;
  follow_merging();
  is_pending_ = std::any_of(refused_.begin(), refused_.end(), [](const auto& r) { return r.second.is_waiting; });
  if (!refused_.empty() && ticks_to_retry_ == 0) ticks_to_retry_ = kTicksToRetry;
  list_interfaces();
  forget_names();
  return {};
}

/// Containers' interfaces come and go under new names for ever.
void InterfaceWatch::forget_names() {
  std::erase_if(counts_, [this](const auto& count) {
    const auto is_it = [&count](const auto& x) { return x.name == count.first; };
    return std::none_of(slots_.begin(), slots_.end(), is_it) && std::none_of(interfaces_.begin(), interfaces_.end(), is_it);
  });
}

void InterfaceWatch::keep_or_release(Slot& slot, const std::vector<Candidate>& watch) {
  const auto now = std::find_if(watch.begin(), watch.end(), [&slot](const Candidate& c) {
    return c.link.index == slot.candidate.link.index && c.link.birth == slot.candidate.link.birth;
  });
  if (now == watch.end() || !is_alive(slot.attachment)) return release(slot);
  slot.candidate = *now;
  slot.name = slot.attachment.interface = now->link.name;
  update_mirror(slot);
}

void InterfaceWatch::release(Slot& slot) {
  meter_.set_mirror(number_of(slot), false);
  slot.attachment = {};
  slot.mirror = false;
  slot.use = Slot::Use::kEmptying;  // it keeps its place in the table: programs may be at work on its last packets
  slot.drains_left = kDrainsUntilEmpty;
}

bool InterfaceWatch::holds(const Candidate& candidate) const {
  return std::any_of(slots_.begin(), slots_.end(), [&candidate](const Slot& slot) {
    return slot.use == Slot::Use::kTaken && slot.candidate.link.index == candidate.link.index;
  });
}

/// A pattern leaves as many slots alone as names still need.
InterfaceWatch::Slot* InterfaceWatch::free_slot(bool is_named) {
  std::size_t spare = 0;
  Slot* found = nullptr;
  for (Slot& slot : slots_) {
    if (slot.use == Slot::Use::kFree && found == nullptr) found = &slot;
    spare += slot.use != Slot::Use::kTaken;
  }
  if (is_named || found == nullptr) return found;
  std::size_t named = 0;
  for (const InterfaceOptions& wanted : options_.interfaces) named += !wanted.is_pattern();
  for (const Slot& slot : slots_) named -= slot.use == Slot::Use::kTaken && !slot.candidate.wanted.is_pattern();
  return spare > named ? found : nullptr;
}

Result<void> InterfaceWatch::place_new() {
  std::vector<Slot*> placed;
  for (const Candidate& candidate : selection_.watch) {
    const auto refusal = refused_.find(candidate.link.index);
    if (holds(candidate) || (refusal != refused_.end() && !refusal->second.is_waiting)) continue;
    refused_.erase(candidate.link.index);
    if (Slot* slot = free_slot(!candidate.wanted.is_pattern())) {
      *slot = Slot{};
      slot->use = Slot::Use::kTaken;
      slot->candidate = candidate;
      slot->name = candidate.link.name;
      placed.push_back(slot);
      continue;
    }
    const bool is_waiting =
        std::any_of(slots_.begin(), slots_.end(), [](const Slot& s) { return s.use == Slot::Use::kEmptying; });
    refused_[candidate.link.index] = {
        {E2BIG, candidate.link.name + ": at most " + std::to_string(WEIR_INTERFACES) + " interfaces are watched at once"},
        is_waiting};
  }
  if (placed.empty() && ports() == named_ports_) return {};
  if (auto named = name_slots(); !named) {
    for (Slot* slot : placed) *slot = Slot{};
    return named;
  }
  for (Slot* slot : placed) attach_to(*slot);
  return {};
}

Result<void> InterfaceWatch::name_slots() {
  std::array<int, WEIR_INTERFACES> ifindexes{};
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[i];
    // An index that is in use again: the device that had it before is gone, and no program with it.
    const bool is_over = slot.use == Slot::Use::kEmptying && holds(slot.candidate);
    if (slot.use != Slot::Use::kFree && !is_over) ifindexes[i] = slot.candidate.link.index;
  }
  std::vector<InterfacePort> all_ports = ports();
  if (auto named = meter_.name_interfaces(ifindexes, all_ports); !named) return named;
  named_ports_ = std::move(all_ports);
  return {};
}

/// A port that joins a bond is known a tick later: until then its packets count for the first slot.
std::vector<InterfacePort> InterfaceWatch::ports() const {
  std::vector<InterfacePort> out;
  for (const Slot& slot : slots_) {
    if (slot.use != Slot::Use::kTaken) continue;
    for (const int port : native_ports(slot.candidate.link, links_)) out.push_back({port, number_of(slot)});
  }
  return out;
}

void InterfaceWatch::attach_to(Slot& slot) {
  const Link& link = slot.candidate.link;
  auto known = kept_ != nullptr ? take_over(meter_, link.name, link.index, options_.xdp_mode, *kept_) : std::nullopt;
  auto attachment = known ? Result<Attachment>(std::move(*known)) : attach(meter_, link.name, link.index, options_.xdp_mode);
  if (!attachment) {
    refused_[link.index] = {attachment.error()};
    slot = Slot{};  // nothing was ever attached, so nothing was counted in it
    return;
  }
  slot.attachment = std::move(*attachment);
  refresh_frame_limit(meter_, number_of(slot), slot.attachment);
  update_mirror(slot);
}

/// What leaves is counted or not by how many interfaces are watched.
Result<void> InterfaceWatch::follow_departures() {
  const auto is_taken = [](const Slot& slot) { return slot.use == Slot::Use::kTaken; };
  const auto watched = static_cast<std::size_t>(std::count_if(slots_.begin(), slots_.end(), is_taken));
  for (Slot& slot : slots_) {
    if (!is_taken(slot)) continue;
    auto followed = watch_departures(meter_, number_of(slot), options_.egress, slot.candidate.wanted.role, watched,
                                     slot.attachment, TcWay::kAuto, kept_);
    if (!followed) return followed;
  }
  return {};
}

void InterfaceWatch::follow_merging() {
  std::vector<Attachment*> attachments;
  for (Slot& slot : slots_)
    if (slot.use == Slot::Use::kTaken) attachments.push_back(&slot.attachment);
  merging_.follow(attachments, links_);
}

Result<void> InterfaceWatch::move_to(const FlowMeter& next) {
  for (Slot& slot : slots_) {
    if (slot.use != Slot::Use::kTaken) continue;
    auto moved = replace_programs(next, slot.attachment);
    if (moved) continue;
    for (Slot& back : slots_)
      if (back.use == Slot::Use::kTaken) static_cast<void>(replace_programs(meter_, back.attachment));
    return moved;
  }
  return {};
}

void InterfaceWatch::list_descriptors(std::vector<ToKeep>& out) const {
  for (const Slot& slot : slots_) {
    if (slot.use != Slot::Use::kTaken) continue;
    if (slot.attachment.link) out.push_back({kept_link_name(slot.attachment), slot.attachment.link.get()});
    slot.attachment.ingress.list_descriptors(out);
    slot.attachment.egress.list_descriptors(out);
  }
}

void InterfaceWatch::refresh_frame_limits() {
  for (const Slot& slot : slots_)
    if (slot.use == Slot::Use::kTaken) refresh_frame_limit(meter_, number_of(slot), slot.attachment);
}

/// Once refused it stays off: an address that goes for a moment (a lease that is renewed) must not cost the next packets.
void InterfaceWatch::update_mirror(Slot& slot) {
  if (slot.mirror_reason.empty() && slot.candidate.wanted.mirror)
    slot.mirror_reason = slot.attachment.link ? reason_not_to_drop(slot.candidate.link, links_) : "tc passes what it counts";
  slot.mirror = slot.candidate.wanted.mirror && slot.mirror_reason.empty();
  meter_.set_mirror(number_of(slot), slot.mirror);
}

void InterfaceWatch::list_interfaces() {
  interfaces_.clear();
  state_counts_ = {};
  for (const Slot& slot : slots_) {
    if (slot.use != Slot::Use::kTaken) continue;
    auto& added = interfaces_.emplace_back(describe(slot.candidate, WatchState::kAttached, slot.attachment.reason));
    added.mode = slot.attachment.mode;
    added.mirror = slot.mirror;
    added.mirror_reason = slot.mirror_reason;
    added.departures = slot.attachment.departures;
    added.departures_reason = slot.attachment.departures_reason;
    added.may_be_merged = slot.attachment.may_be_merged;
    added.merged_reason = slot.attachment.merged_reason;
    counts_[added.name].show(added);
  }
  state_counts_[static_cast<std::size_t>(WatchState::kAttached)] = interfaces_.size();
  for (const InterfaceOptions& wanted : selection_.unmatched) add_other(describe_unmatched(wanted));
  for (const Candidate& c : selection_.watch)
    if (const auto refusal = refused_.find(c.link.index); refusal != refused_.end())
      add_other(
          describe(c, refusal->second.is_waiting ? WatchState::kWaiting : WatchState::kRefused, refusal->second.error.what));
  for (const LeftOut& l : selection_.left_out)
    add_other(describe(l.candidate, WatchState::kLeftOut, l.reason + ": packets would count twice"));
}

void InterfaceWatch::add_other(WatchedInterface interface) {
  const auto state = static_cast<std::size_t>(interface.state);
  std::uint64_t others = 0;
  for (std::size_t i = 1; i < kWatchStates; ++i) others += state_counts_[i];
  ++state_counts_[state];
  if (others >= kMostOthers) return;
  if (const auto count = counts_.find(interface.name); count != counts_.end()) {
    count->second.show(interface);
  }
  interfaces_.push_back(std::move(interface));
}

}  // namespace weir
