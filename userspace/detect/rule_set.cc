#include "detect/rule_set.h"

#include <algorithm>
#include <array>

#include "detect/rules/brute_force.h"
#include "detect/rules/connection_flood.h"
#include "detect/rules/distributed_flood.h"
#include "detect/rules/dns_nxdomain.h"
#include "detect/rules/dns_tunnel.h"
#include "detect/rules/horizontal_scan.h"
#include "detect/rules/icmp_flood.h"
#include "detect/rules/large_payload.h"
#include "detect/rules/odd_flags.h"
#include "detect/rules/reflection.h"
#include "detect/rules/syn_flood.h"
#include "detect/rules/traffic_spike.h"
#include "detect/rules/udp_flood.h"
#include "detect/rules/uncommon_port.h"
#include "detect/rules/vertical_scan.h"
#include "detect/rules/web_attack.h"
#include "detect/rules/web_scan.h"

namespace weir {
namespace {

template <class Kind>
std::unique_ptr<Rule> make(const DetectOptions&, double threshold) {
  return std::make_unique<Kind>(threshold);
}

std::unique_ptr<Rule> make_spike(const DetectOptions& options, double threshold) {
  return std::make_unique<TrafficSpike>(threshold, options.history_hosts);
}

std::unique_ptr<Rule> make_uncommon_port(const DetectOptions& options, double threshold) {
  return std::make_unique<UncommonPort>(threshold, options.uncommon_port_history_s, options.history_hosts);
}

constexpr std::array kRuleKinds = {
    RuleKind{"vertical_scan", &DetectOptions::vertical_scan, make<VerticalScan>},
    RuleKind{"horizontal_scan", &DetectOptions::horizontal_scan, make<HorizontalScan>},
    RuleKind{"syn_flood", &DetectOptions::syn_flood, make<SynFlood>},
    RuleKind{"udp_flood", &DetectOptions::udp_flood, make<UdpFlood>},
    RuleKind{"icmp_flood", &DetectOptions::icmp_flood, make<IcmpFlood>},
    RuleKind{"connection_flood", &DetectOptions::connection_flood, make<ConnectionFlood>},
    RuleKind{"distributed_flood", &DetectOptions::distributed_flood, make<DistributedFlood>},
    RuleKind{"reflection", &DetectOptions::reflection, make<Reflection>},
    RuleKind{"odd_flags", &DetectOptions::odd_flags, make<OddFlags>},
    RuleKind{"brute_force", &DetectOptions::brute_force, make<BruteForce>},
    RuleKind{"web_attack", &DetectOptions::web_attack, make<WebAttackRule>},
    RuleKind{"web_scan", &DetectOptions::web_scan, make<WebScan>},
    RuleKind{"dns_nxdomain", &DetectOptions::dns_nxdomain, make<DnsNxdomain>},
    RuleKind{"dns_tunnel", &DetectOptions::dns_tunnel, make<DnsTunnel>},
    RuleKind{"large_payload", &DetectOptions::large_payload, make<LargePayload>},
    RuleKind{"uncommon_port", &DetectOptions::uncommon_port, make_uncommon_port},
    RuleKind{"beacon", &DetectOptions::beacon, make<BeaconRule>},
    RuleKind{"traffic_spike", &DetectOptions::traffic_spike, make_spike},
};
constexpr const RuleKind& kSpike = kRuleKinds.back();

}  // namespace

std::span<const RuleKind> rule_kinds() { return kRuleKinds; }

const RuleKind* find_rule(std::string_view name) {
  const auto at = std::ranges::find(kRuleKinds, name, &RuleKind::name);
  return at == kRuleKinds.end() ? nullptr : &*at;
}

std::vector<std::string_view> alert_kinds() {
  std::vector<std::string_view> kinds;
  for (const RuleKind& kind : kRuleKinds) kinds.push_back(kind.name);
  kinds.insert(kinds.end(), {"backscatter", kAnomaly});
  return kinds;
}

DetectOptions options_of(const DetectOptions& all, const HostGroup& group) {
  DetectOptions own = all;
  for (const auto& [name, threshold] : group.thresholds)
    if (name == kModelName)
      own.model.threshold = threshold;
    else
      (own.*find_rule(name)->options).threshold = threshold;
  for (const std::string& name : group.off)
    if (name == kModelName)
      own.model.enabled = false;
    else
      (own.*find_rule(name)->options).enabled = false;
  return own;
}

RuleSet::RuleSet(const DetectOptions& options)
    : model_enabled(options.model.enabled), model_threshold(options.model.threshold) {
  for (const RuleKind& kind : kRuleKinds) {
    const RuleOptions& own = options.*kind.options;
    if (!own.enabled) continue;
    if (kind.name == kSpike.name)
      spike = kind.make(options, own.threshold);
    else
      rules.push_back(kind.make(options, own.threshold));
    if (kind.name == "beacon") beacon = static_cast<BeaconRule*>(rules.back().get());
  }
}

}  // namespace weir
