#include "detect/rules/vertical_scan.h"

namespace weir {

std::optional<Finding> VerticalScan::judge(const HostWindow& w) {
  const double ports = w.evidence.ports_probed;
  if (w.role != Role::kSource || ports < threshold_) return std::nullopt;
  Finding f;
  f.kind = "vertical_scan";
  f.severity = Severity::kMedium;
  f.score = rule_score(ports, threshold_);
  f.text = "tried " + std::to_string(w.evidence.ports_probed) + " TCP ports of " + w.evidence.probed_host.to_string() +
           " and was accepted at none";
  f.reason = {std::string(kPortsProbed), ports, 0, 0, ports / threshold_};
  f.victim = w.evidence.probed_host;
  return f;
}

}  // namespace weir
