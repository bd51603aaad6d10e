#include "detect/rules/large_payload.h"

namespace weir {
namespace {

std::string_view service_name(std::uint16_t port) { return port == 0 ? "ICMP" : port == 53 ? "DNS" : "NTP"; }

}  // namespace

std::optional<Finding> LargePayload::judge(const HostWindow& w) {
  const Most& most = w.in_minute().large_packets;
  if (w.role != Role::kSource || most.count < threshold_) return std::nullopt;
  Finding f;
  f.kind = "large_payload";
  f.severity = Severity::kMedium;
  f.score = rule_score(most.count, threshold_);
  f.text = "sent " + std::to_string(most.count) + " packets of " + std::string(service_name(most.port)) + " in 60 s to " +
           most.host.to_string() + " with 200 bytes of payload or more: such carry little as a rule";
  f.reason = {std::string(kLargePackets), static_cast<double>(most.count), 0, 0, most.count / threshold_};
  f.implied_by = {"icmp_flood", "udp_flood", "dns_tunnel"};
  f.victim = most.host;
  return f;
}

}  // namespace weir
