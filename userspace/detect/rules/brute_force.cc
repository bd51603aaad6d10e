#include "detect/rules/brute_force.h"

#include <algorithm>
#include <array>

namespace weir {

std::optional<Finding> BruteForce::judge(const HostWindow& w) {
  if (w.role != Role::kSource) return std::nullopt;
  struct Way {
    std::string_view what;
    const char *before, *after;
    const Most& most;
    double share;  // of the threshold
  };
  const SignFigures& m = w.in_minute();
  const std::array<Way, 5> ways = {{
      {kLogins, "opened ", " connections in 60 s to the login service of ", m.logins, 1},
      {kSshLogins, "opened ", " SSH connections in 60 s to ", m.ssh_banners, 2.0 / 3},
      {kLoginCommands, "sent ", " names and passwords in 60 s to ", m.login_commands, 4.0 / 3},
      {kRefusedLogins, "was refused ", " logins in 60 s by ", m.refused_logins, 1.0 / 3},
      {kCommunities, "tried ", " SNMP communities in 60 s at ", m.communities, 1.0 / 3},
  }};
  const auto excess = [this](const Way& way) { return way.most.count / (way.share * threshold_); };
  const Way& worst = *std::ranges::max_element(ways, {}, excess);
  if (excess(worst) < 1) return std::nullopt;
  Finding f;
  f.kind = "brute_force";
  f.severity = Severity::kHigh;
  f.score = rule_score(excess(worst), 1);
  f.text = worst.before + std::to_string(worst.most.count) + worst.after + worst.most.host.to_string();
  f.reason = {std::string(worst.what), static_cast<double>(worst.most.count), 0, 0, excess(worst)};
  f.victim = worst.most.host;
  return f;
}

}  // namespace weir
