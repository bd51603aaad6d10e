#include "detect/rules/distributed_flood.h"

namespace weir {
namespace {

constexpr double kMostly = 0.7;  // of the flows

}  // namespace

std::optional<Finding> DistributedFlood::judge(const HostWindow& w) {
  const Evidence& e = w.evidence;
  const std::uint32_t sources = w.in_window().silent_sources;
  if (w.role != Role::kDestination || !w.replies_visible || sources < threshold_) return std::nullopt;
  if (static_cast<double>(e.refused_flows) < kMostly * static_cast<double>(e.refused_flows + e.answered_flows))
    return std::nullopt;
  Finding f;
  f.kind = "distributed_flood";
  f.severity = Severity::kHigh;
  f.score = rule_score(sources, threshold_);
  f.text = "received packets of " + std::to_string(sources) + " hosts in 10 s that it neither accepted nor answered";
  f.implied_by = {"syn_flood", "udp_flood", "reflection"};
  f.reason = {std::string(kSilentSources), static_cast<double>(sources), 0, 0, sources / threshold_};
  return f;
}

}  // namespace weir
