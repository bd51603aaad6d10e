#include "detect/rules/odd_flags.h"

namespace weir {

std::optional<Finding> OddFlags::judge(const HostWindow& w) {
  const auto packets = static_cast<double>(w.evidence.odd_packets);
  if (w.role != Role::kSource || packets < threshold_) return std::nullopt;
  Finding f;
  f.kind = "odd_flags";
  f.severity = Severity::kMedium;
  f.score = rule_score(packets, threshold_);
  f.text = "sent " + std::to_string(w.evidence.odd_packets) + " TCP packets with flags that no system sends (a scanner's)";
  f.implied_by = {"vertical_scan", "horizontal_scan"};
  f.reason = {std::string(kOddPackets), packets, 0, 0, packets / threshold_};
  return f;
}

}  // namespace weir
