#include "detect/rules/udp_flood.h"

namespace weir {

std::optional<Finding> UdpFlood::judge(const HostWindow& w) {
  if (!w.replies_visible) return std::nullopt;
  const bool is_source = w.role == Role::kSource;
  const Most& most = w.in_window().unanswered_udp;
  const std::uint64_t packets = is_source ? most.count : w.evidence.unanswered_packets;
  const auto count = static_cast<double>(packets);
  if (count < threshold_) return std::nullopt;
  Finding f;
  f.kind = "udp_flood";
  f.severity = Severity::kHigh;
  f.score = rule_score(count, threshold_);
  f.text = (is_source ? "sent " : "received ") + std::to_string(packets) + " UDP packets " +
           (is_source ? "to " + most.host.to_string() + " and got no answer" : "in 10 s that it did not answer");
  f.reason = {std::string(kUnansweredUdpPackets), count, 0, 0, count / threshold_};
  if (is_source) f.victim = most.host;
  return f;
}

}  // namespace weir
