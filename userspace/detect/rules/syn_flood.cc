#include "detect/rules/syn_flood.h"

namespace weir {

namespace {

constexpr double kSpread = 20;
constexpr double kMinute = 2;  // times the threshold, in 60 s

}  // namespace

Finding SynFlood::slow_flood(const Most& service) const {
  Finding f;
  f.kind = "syn_flood";
  f.severity = Severity::kHigh;
  f.score = rule_score(service.count, kMinute * threshold_);
  f.text = "sent " + std::to_string(service.count) + " SYN packets in 60 s to " + service.host.to_string() + " port " +
           std::to_string(service.port) + " whose connections never came about";
  f.reason = {std::string(kHalfOpenSyn), static_cast<double>(service.count), 0, 0, service.count / (kMinute * threshold_)};
  f.victim = service.host;
  return f;
}

std::optional<Finding> SynFlood::judge(const HostWindow& w) {
  const Evidence& e = w.evidence;
  const bool is_source = w.role == Role::kSource;
  const bool is_spread = !is_source && static_cast<double>(e.half_open_syn) >= kSpread * threshold_;
  if (is_source && w.in_minute().half_open.count >= kMinute * threshold_ &&
      static_cast<double>(e.half_open_to_service) < threshold_)
    return slow_flood(w.in_minute().half_open);
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
