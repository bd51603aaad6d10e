#include "detect/incidents.h"

#include <algorithm>

namespace weir {

Incident* Incidents::open_of(const IpAddress& host, std::int64_t now_ns) {
  const auto at = latest_.find(host);
  if (host == IpAddress() || at == latest_.end()) return nullptr;
  Incident& incident = all_[static_cast<std::size_t>(at->second - all_.front().id)];
  return is_open(incident, now_ns) ? &incident : nullptr;
}

Incident* Incidents::newest_of(std::string_view kind, std::int64_t since_ns) {
  const auto is_it = [&](const Incident& i) { return i.last_ns >= since_ns && i.alerts_by_kind.contains(kind); };
  const auto at = std::find_if(all_.rbegin(), all_.rend(), is_it);
  return at == all_.rend() ? nullptr : &*at;
}

bool Incidents::is_budget_spent(std::int64_t now_ns) const {
  const auto today = std::ranges::count_if(all_, [&](const Incident& i) { return now_ns - i.first_ns < kDay_ns; });
  return static_cast<double>(today) >= budget_per_day_;
}

Incident* Incidents::find(const Alert& alert) {
  if (Incident* own = open_of(alert.host, alert.time_ns)) return own;
  if (Incident* others = open_of(alert.other, alert.time_ns)) return others;
  if (Incident* outbreak = newest_of(alert.kind, alert.time_ns - kOutbreak_ns)) return outbreak;
  Incident* grouped = is_budget_spent(alert.time_ns) ? newest_of(alert.kind, alert.time_ns - kDay_ns) : nullptr;
  if (grouped != nullptr) ++grouped->over_budget;
  return grouped;
}

Incident& Incidents::begin(const Alert& alert) {
  if (all_.size() == kMost) {
    std::erase_if(latest_, [&](const auto& entry) { return entry.second == all_.front().id; });
    all_.pop_front();
  }
  all_.emplace_back();
  all_.back().id = ++begun_;
  all_.back().first_ns = alert.time_ns;
  return all_.back();
}

void Incidents::name(const IpAddress& host, std::map<IpAddress, std::uint64_t>& names, Incident& incident) {
  if (names.size() >= Incident::kMostHosts && !names.contains(host)) {
    ++incident.unnamed;
    return;
  }
  ++names[host];
  latest_[host] = incident.id;
}

bool Incidents::add(Alert& alert) {
  Incident* const known = find(alert);
  Incident& incident = known != nullptr ? *known : begin(alert);
  incident.last_ns = std::max(incident.last_ns, alert.time_ns);
  incident.severity = std::max(incident.severity, alert.severity);
  incident.score = std::max(incident.score, alert.score);
  ++incident.alerts;
  ++incident.alerts_by_kind[alert.kind];
  name(alert.host, incident.alerts_by_host, incident);
  if (alert.other != IpAddress()) name(alert.other, incident.others, incident);
  if (incident.timeline.size() < Incident::kMostEvents)
    incident.timeline.push_back({alert.time_ns, alert.host, alert.role, alert.kind, alert.text});
  alert.incident = incident.id;
  return known == nullptr;
}

void Incidents::add(const ClosedWindow& window, const std::vector<Verdict>& verdicts) {
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    if (verdicts[i].kinds.empty()) continue;
    Incident* incident = open_of(window.hosts[i].host, window.decided_ns);
    if (incident != nullptr) incident->last_ns = std::max(incident->last_ns, window.decided_ns);
  }
}

}  // namespace weir
