#include "detect/rules/uncommon_port.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace weir {
namespace {

constexpr std::int64_t kDay_ns = 86'400'000'000'000;
constexpr double kHour_ns = 3.6e12;
constexpr std::int64_t kSecond_ns = 1'000'000'000;
constexpr std::uint32_t kAwakeShare = 300;  // seconds of the past for each window of 10 s that the host must have sent in
constexpr float kRoams = 2.5F;              // new ports, faded: the third within an hour

}  // namespace

bool UncommonPort::Port::is_known_to(const IpAddress& host) const {
  return std::find(hosts.begin(), hosts.begin() + count, host) != hosts.begin() + count;
}

UncommonPort::Past* UncommonPort::past_of(const HostWindow& w) {
  if (pasts_.size() >= most_hosts_ && !pasts_.contains(w.host)) {
    if (std::exchange(pruned_ns_, w.start_ns) != w.start_ns)  // once a window: a flood brings a new host with each packet
      std::erase_if(pasts_, [&](const auto& entry) { return w.start_ns - entry.second.seen_ns > kDay_ns; });
    if (pasts_.size() >= most_hosts_) return nullptr;
  }
  const auto [known, is_new] = pasts_.try_emplace(w.host);
  Past& past = known->second;
  const bool is_clock_set_back = w.start_ns < past.first_ns;
  if (is_new || is_clock_set_back) past.first_ns = past.new_ports_ns = w.start_ns;
  past.seen_ns = w.start_ns;
  if (w.role == Role::kSource) ++past.windows;
  return &past;
}

bool UncommonPort::has_history(const Past& past, const HostWindow& w) const {
  return w.start_ns - past.first_ns >= history_s_ * kSecond_ns && past.windows * kAwakeShare >= history_s_;
}

/// Learns the ports of the window. Returns the strange one with the most bytes, if there is one and no crowd of them.
const ServiceUse* UncommonPort::find_strange(const HostWindow& w, Past& past) {
  const bool can_tell = has_history(past, w);
  const std::int64_t since_ns = std::max<std::int64_t>(0, w.start_ns - past.new_ports_ns);  // a clock may be set back
  past.new_ports *= static_cast<float>(std::exp2(-static_cast<double>(since_ns) / kHour_ns));
  past.new_ports_ns = w.start_ns;
  auto& ports = ports_[static_cast<std::size_t>(w.role)];
  const ServiceUse* strangest = nullptr;
  for (const ServiceUse& use : w.role == Role::kSource ? w.signs->used : w.signs->served) {
    Port& port = ports[use.port];
    if (port.is_known_to(w.host) || port.is_full()) continue;
    const bool is_strange = can_tell && port.told == port.count;
    if (is_strange && use.payload_bytes < threshold_) continue;  // more may follow
    port.hosts[port.count++] = w.host;
    if (!is_strange) continue;
    ++port.told;
    ++past.new_ports;
    if (strangest == nullptr || use.payload_bytes > strangest->payload_bytes) strangest = &use;
  }
  return past.new_ports < kRoams ? strangest : nullptr;
}

void UncommonPort::save(Baselines& all, std::int64_t now_ns) const {
  for (const auto& [host, past] : pasts_)
    all.ports.push_back({host, past.windows, age_of(past.first_ns, now_ns), age_of(past.seen_ns, now_ns),
                         age_of(past.new_ports_ns, now_ns), past.new_ports});
  for (const Role role : {Role::kSource, Role::kDestination})
    for (const auto& [number, port] : ports_[static_cast<std::size_t>(role)])
      for (std::uint8_t i = 0; i < port.count; ++i) all.uses.push_back({port.hosts[i], number, role, i < port.told});
}

void UncommonPort::restore(const Baselines& all, std::int64_t now_ns, const IsOwn& is_own) {
  for (const PortsPast& p : all.ports)
    if (pasts_.size() < most_hosts_ && is_own(p.host))
      pasts_[p.host] = {time_of_age(p.first_age, now_ns), time_of_age(p.seen_age, now_ns), p.windows, p.new_ports,
                        time_of_age(p.new_ports_age, now_ns)};
  for (const PortUse& use : all.uses) {
    if (!is_own(use.host)) continue;
    Port& port = ports_[static_cast<std::size_t>(use.role)][use.port];
    if (port.is_full() || port.is_known_to(use.host)) continue;
    if (use.was_strange && port.told == port.count) ++port.told;
    port.hosts[port.count++] = use.host;
  }
}

std::optional<Finding> UncommonPort::judge(const HostWindow& w) {
  Past* past = w.home ? past_of(w) : nullptr;
  if (past == nullptr || !w.signs) return std::nullopt;
  const ServiceUse* use = find_strange(w, *past);
  if (use == nullptr) return std::nullopt;
  const bool is_client = w.role == Role::kSource;
  const std::string port = "TCP port " + std::to_string(use->port), other = use->other.to_string();
  Finding f;
  f.kind = "uncommon_port";
  f.score = rule_score(use->payload_bytes, threshold_);
  f.text = is_client ? "talks to " + port + " of " + other + ", a port that no host at home used before"
                     : "serves " + port + " to " + other + ", a port that no host at home served before";
  f.reason = {std::string(kUncommonPortBytes), static_cast<double>(use->payload_bytes), 0, 0,
              use->payload_bytes / threshold_};
  return f;
}

}  // namespace weir
