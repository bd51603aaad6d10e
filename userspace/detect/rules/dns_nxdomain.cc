#include "detect/rules/dns_nxdomain.h"

namespace weir {

std::optional<Finding> DnsNxdomain::judge(const HostWindow& w) {
  const SignFigures& m = w.in_minute();
  if (w.role != Role::kSource || m.missing_names < threshold_ || 2 * m.missing_names < m.name_answers) return std::nullopt;
  Finding f;
  f.kind = "dns_nxdomain";
  f.severity = Severity::kMedium;
  f.score = rule_score(m.missing_names, threshold_);
  f.text = "asked for " + std::to_string(m.missing_names) + " names in 60 s that do not exist (" +
           std::to_string(m.name_answers) + " answers in all)";
  f.reason = {std::string(kMissingNames), static_cast<double>(m.missing_names), 0, 0, m.missing_names / threshold_};
  return f;
}

}  // namespace weir
