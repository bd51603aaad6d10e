#include "detect/rules/syn_flood.h"

namespace weir {

namespace {

constexpr double kSpread = 20;

}  // namespace

std::optional<Finding> SynFlood::judge(const HostWindow& w) {
  const Evidence& e = w.evidence;
  const bool is_source = w.role == Role::kSource;
  const bool is_spread = !is_source && static_cast<double>(e.half_open_syn) >= kSpread * threshold_;
  const auto half_open = static_cast<double>(is_spread ? e.half_open_syn : e.half_open_to_service);
  if (half_open < threshold_ || 2 * e.half_open_syn < e.syn_packets) return std::nullopt;
  Finding f;
  f.kind = "syn_flood";
  f.severity = Severity::kHigh;
  f.score = rule_score(half_open, threshold_);
  f.text = (is_source ? "sent " : "received ") + std::to_string(static_cast<std::uint64_t>(half_open)) + " SYN packets" +
           (is_spread ? "" : " for one service") + " whose connections never came about";
  f.reason = {std::string(kHalfOpenSyn), half_open, 0, 0, half_open / threshold_};
  return f;
}

}  // namespace weir
