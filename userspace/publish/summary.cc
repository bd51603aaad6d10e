#include "publish/summary.h"

#include <fmt/format.h>

namespace weir {
namespace {

constexpr std::size_t kMostHosts = 20;

}  // namespace

std::string render_summary(const Status& s, const HostLedger& ledger) {
  const Totals& t = s.totals;
  std::string out = fmt::format("{} packets, {} bytes: {} in flows, {} overflow, {} not decoded\n", t.seen_packets,
                                t.seen_bytes, t.flow_packets, t.overflow_packets, t.all_undecoded_packets());
  if (ledger.size() != 0)
    out += fmt::format("{:<40} {:<11} {:>12} {:>15} {:>9}\n", "host", "role", "packets", "bytes", "max score");
  for (const HostEntry* e : ledger.busiest(kMostHosts))
    out += fmt::format("{:<40} {:<11} {:>12} {:>15} {:>9.3f}\n", e->last.host.to_string(), role_name(e->last.role),
                       e->packets, e->bytes, e->max_score);
  if (ledger.size() > kMostHosts) out += fmt::format("and {} more\n", ledger.size() - kMostHosts);
  std::uint64_t alerts = 0;
  for (const auto& [kind, count] : s.alerts_by_kind) {
    out += fmt::format("{} {}\n", count, kind);
    alerts += count;
  }
  out += fmt::format("{} alerts in {} incidents\n", alerts, s.incidents);
  for (std::size_t i = 0; i < kSilenceCauses; ++i)
    if (s.alerts_silenced[i] != 0)
      out += fmt::format("{} more delivered to nobody ({})\n", s.alerts_silenced[i],
                         silence_cause_name(static_cast<SilenceCause>(i)));
  return out;
}

}  // namespace weir
