#include "detect/rules/connection_flood.h"

namespace weir {

std::optional<Finding> ConnectionFlood::judge(const HostWindow& w) {
  const Most& most = w.in_window().empty_connections;
  if (w.role != Role::kSource || most.count < threshold_) return std::nullopt;
  Finding f;
  f.kind = "connection_flood";
  f.severity = Severity::kMedium;
  f.score = rule_score(most.count, threshold_);
  f.text = "opened " + std::to_string(most.count) + " connections in 10 s to " + most.host.to_string() + " port " +
           std::to_string(most.port) + " and sent nothing on them";
  f.reason = {std::string(kEmptyConnections), static_cast<double>(most.count), 0, 0, most.count / threshold_};
  f.victim = most.host;
  return f;
}

}  // namespace weir
