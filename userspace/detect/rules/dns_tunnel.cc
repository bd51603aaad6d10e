#include "detect/rules/dns_tunnel.h"

namespace weir {

std::optional<Finding> DnsTunnel::judge(const HostWindow& w) {
  const SignFigures& m = w.in_minute();
  if (w.role != Role::kSource || m.long_names < threshold_ || 4 * m.long_names < m.name_questions) return std::nullopt;
  Finding f;
  f.kind = "dns_tunnel";
  f.severity = Severity::kMedium;
  f.score = rule_score(m.long_names, threshold_);
  f.text = "asked for " + std::to_string(m.long_names) + " names in 60 s that are as long as data, not as names";
  f.reason = {std::string(kLongNames), static_cast<double>(m.long_names), 0, 0, m.long_names / threshold_};
  return f;
}

}  // namespace weir
