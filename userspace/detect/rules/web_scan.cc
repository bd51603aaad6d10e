#include "detect/rules/web_scan.h"

namespace weir {

std::optional<Finding> WebScan::judge(const HostWindow& w) {
  const SignFigures& m = w.in_minute();
  if (w.role != Role::kSource || m.http_errors < threshold_ || 2 * m.http_errors < m.http_answers) return std::nullopt;
  Finding f;
  f.kind = "web_scan";
  f.severity = Severity::kMedium;
  f.score = rule_score(m.http_errors, threshold_);
  f.text =
      "was told " + std::to_string(m.http_errors) + " times in 60 s that there is no such page or no right to it (HTTP 4xx)";
  f.reason = {std::string(kHttpErrors), static_cast<double>(m.http_errors), 0, 0, m.http_errors / threshold_};
  return f;
}

}  // namespace weir
