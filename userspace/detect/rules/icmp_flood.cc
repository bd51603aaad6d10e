#include "detect/rules/icmp_flood.h"

namespace weir {
namespace {

constexpr double kManySources = 10;

}  // namespace

std::optional<Finding> IcmpFlood::judge(const HostWindow& w) {
  const bool is_source = w.role == Role::kSource;
  const double threshold = is_source ? threshold_ : threshold_ * kManySources;
  const auto packets = static_cast<double>(w.evidence.icmp_packets);
  if (packets < threshold) return std::nullopt;
  Finding f;
  f.kind = "icmp_flood";
  f.severity = Severity::kHigh;
  f.score = rule_score(packets, threshold);
  f.text = (is_source ? "sent " : "received ") + std::to_string(w.evidence.icmp_packets) + " ICMP packets " +
           (is_source ? "to " + w.evidence.icmp_target.to_string() : "that answer nothing");
  f.reason = {std::string(kIcmpPackets), packets, 0, 0, packets / threshold};
  if (is_source) f.victim = w.evidence.icmp_target;
  return f;
}

}  // namespace weir
