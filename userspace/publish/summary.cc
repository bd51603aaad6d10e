#include "publish/summary.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir {
namespace {

constexpr std::size_t kMostHosts = 20, kMostIncidents = 20;

std::string alerts_text(const Status& s, std::uint64_t incidents) {
  std::string out;
  std::uint64_t alerts = 0;
  for (const auto& [kind, count] : s.alerts_by_kind) {
    out += fmt::format("{} {}\n", count, kind);
    alerts += count;
  }
  out += fmt::format("{} alerts in {} incidents\n", alerts, incidents);
  for (std::size_t i = 0; i < kSilenceCauses; ++i)
    if (s.alerts_silenced[i] != 0)
      out += fmt::format("{} more delivered to nobody ({})\n", s.alerts_silenced[i],
                         silence_cause_name(static_cast<SilenceCause>(i)));
  return out;
}

std::string incident_text(const Incident& i) {
  const std::string first = i.timeline.front().host.to_string();
  const std::size_t others = i.alerts_by_host.size() - 1;
  std::string kinds;
  for (const auto& [kind, count] : i.alerts_by_kind) kinds += fmt::format("{}{} {}", kinds.empty() ? "" : ", ", count, kind);
  return fmt::format("incident {} ({}): {}{}, {:.0f} s: {}\n", i.id, severity_name(i.severity), first,
                     others == 0 ? "" : fmt::format(" and {} more", others),
                     static_cast<double>(i.last_ns - i.first_ns) / 1e9, kinds);
}

}  // namespace

std::string render_summary(const Status& s, const HostLedger& ledger, const Incidents& incidents) {
  const Totals& t = s.totals;
  std::string out = fmt::format("{} packets, {} bytes: {} in flows, {} overflow, {} not decoded\n", t.seen_packets,
                                t.seen_bytes, t.flow_packets, t.overflow_packets, t.all_undecoded_packets());
  if (ledger.size() != 0)
    out += fmt::format("{:<40} {:<11} {:>12} {:>15} {:>9}\n", "host", "role", "packets", "bytes", "max score");
  for (const HostEntry* e : ledger.busiest(kMostHosts))
    out += fmt::format("{:<40} {:<11} {:>12} {:>15} {:>9.3f}\n", e->last.host.to_string(), role_name(e->last.role),
                       e->packets, e->bytes, e->max_score);
  if (ledger.size() > kMostHosts) out += fmt::format("and {} more\n", ledger.size() - kMostHosts);
  const std::size_t shown = std::min(kMostIncidents, incidents.all().size());
  if (shown < incidents.all().size()) out += fmt::format("{} earlier incidents\n", incidents.all().size() - shown);
  for (auto at = incidents.all().end() - static_cast<std::ptrdiff_t>(shown); at != incidents.all().end(); ++at)
    out += incident_text(*at);
  out += alerts_text(s, incidents.begun());
  return out;
}

}  // namespace weir
