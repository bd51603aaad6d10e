#include "detect/rules/reflection.h"

namespace weir {
namespace {

constexpr double kRefusals = 2;  // times the threshold

}  // namespace

std::optional<Finding> Reflection::judge(const HostWindow& w) {
  if (w.role != Role::kDestination || !w.replies_visible) return std::nullopt;
  const SignFigures& minute = w.in_minute();
  const double answers = minute.unasked_synack_sources >= 2 ? minute.unasked_synacks : 0;
  const double refusals = minute.unasked_reset_sources;
  const bool is_reflection = answers >= threshold_;
  if (!is_reflection && refusals < kRefusals * threshold_) return std::nullopt;
  const double excess = is_reflection ? answers / threshold_ : refusals / (kRefusals * threshold_);
  Finding f;
  f.kind = is_reflection ? "reflection" : "backscatter";
  f.severity = is_reflection ? Severity::kHigh : Severity::kLow;
  f.score = rule_score(excess, 1);
  f.text = is_reflection ? "received " + std::to_string(minute.unasked_synacks) + " answers (SYN+ACK) of " +
                               std::to_string(minute.unasked_synack_sources) + " hosts in 60 s that it never asked"
                         : "was refused (RST) by " + std::to_string(minute.unasked_reset_sources) +
                               " hosts in 60 s that it never spoke to: its address is forged elsewhere";
  f.reason = {std::string(is_reflection ? kUnaskedAnswers : kUnaskedRefusals), is_reflection ? answers : refusals, 0, 0,
              excess};
  return f;
}

}  // namespace weir
