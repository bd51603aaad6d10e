#include "detect/rules/web_attack.h"

#include "features/payload_signs.h"

namespace weir {
namespace {

std::string names_of(std::uint8_t kinds) {
  std::string names;
  for (std::uint8_t kind = 0; kind <= static_cast<std::uint8_t>(WebAttack::kScanner); ++kind)
    if ((kinds >> kind & 1) != 0) names += (names.empty() ? "" : ", ") + std::string(web_attack_name(WebAttack{kind}));
  return names;
}

}  // namespace

std::optional<Finding> WebAttackRule::judge(const HostWindow& w) {
  const SignFigures& m = w.in_minute();
  if (w.role != Role::kSource || m.web_attacks < threshold_) return std::nullopt;
  Finding f;
  f.kind = "web_attack";
  f.severity = Severity::kMedium;
  f.score = rule_score(m.web_attacks, threshold_);
  f.text = "sent " + std::to_string(m.web_attacks) + " requests with the syntax of an attack (" +
           names_of(m.web_attack_kinds) + ") to " + m.web_attack_target.to_string();
  f.reason = {std::string(kWebAttacks), static_cast<double>(m.web_attacks), 0, 0, m.web_attacks / threshold_};
  f.victim = m.web_attack_target;
  return f;
}

}  // namespace weir
