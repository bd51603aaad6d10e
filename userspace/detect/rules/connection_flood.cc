#include "detect/rules/connection_flood.h"

#include <algorithm>
#include <array>

namespace weir {
namespace {

constexpr double kHeld = 0.5;  // times the threshold

}  // namespace

std::optional<Finding> ConnectionFlood::judge(const HostWindow& w) {
  if (w.role != Role::kSource) return std::nullopt;
  struct Way {
    std::string_view what;
    const char *before, *after;
    Most most;
    double threshold;
  };
  const std::array<Way, 2> ways = {{
      {kEmptyConnections, " connections in 10 s to ", " and sent nothing on them", w.in_window().empty_connections,
       threshold_},
      {kHeldConnections, " connections in 60 s to ", " and holds them open without an answer",
       w.home ? Most{} : w.in_minute().held_connections, kHeld * threshold_},
  }};
  const auto excess = [](const Way& way) { return way.most.count / way.threshold; };
  const Way& worst = *std::ranges::max_element(ways, {}, excess);
  if (excess(worst) < 1) return std::nullopt;
  Finding f;
  f.kind = "connection_flood";
  f.severity = Severity::kMedium;
  f.score = rule_score(excess(worst), 1);
  f.text = "opened " + std::to_string(worst.most.count) + worst.before + worst.most.host.to_string() + " port " +
           std::to_string(worst.most.port) + worst.after;
  f.reason = {std::string(worst.what), static_cast<double>(worst.most.count), 0, 0, excess(worst)};
  f.victim = worst.most.host;
  return f;
}

}  // namespace weir
