#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ip_address.h"
#include "detect/silence.h"

namespace weir {

struct RuleOptions {
  bool enabled = true;
  double threshold = 0;  ///< in the rule's own unit, see its header
};

/// Hosts that are judged by other thresholds. Rules go by their names in the configuration, the model by "model".
struct HostGroup {
  std::string name;
  std::vector<IpPrefix> hosts;
  std::map<std::string, double> thresholds;
  std::vector<std::string> off;
};

struct DetectOptions {
  struct {
    bool enabled = true;
    std::string file;                 ///< empty = the compiled-in model
    std::optional<double> threshold;  ///< of the score, 0..1; default: the model's own
    std::uint32_t min_packets = 10;   ///< windows with fewer are not scored: their features say nothing
  } model;
  RuleOptions vertical_scan{true, 20};       ///< closed or silent ports of one host
  RuleOptions horizontal_scan{true, 40};     ///< hosts that refuse or ignore one TCP port
  RuleOptions syn_flood{true, 500};          ///< SYN packets that nobody accepted
  RuleOptions udp_flood{true, 5000};         ///< UDP packets that nobody answers
  RuleOptions connection_flood{true, 300};   ///< new connections to one service
  RuleOptions distributed_flood{true, 100};  ///< sources that a host neither accepts nor answers
  RuleOptions reflection{true, 10};          ///< answers, in 60 s, that nobody asked for
  RuleOptions odd_flags{true, 10};           ///< TCP packets with flags that no system sends
  RuleOptions brute_force{true, 30};         ///< connections to one login service in 60 s
  RuleOptions icmp_flood{true, 300};         ///< ICMP packets to one host, answers to ping not counted
  RuleOptions web_attack{true, 1};           ///< requests in 60 s with the syntax of an attack
  RuleOptions web_scan{true, 20};            ///< answers 4xx in 60 s
  RuleOptions dns_nxdomain{true, 20};        ///< names in 60 s that do not exist
  RuleOptions dns_tunnel{true, 60};          ///< names in 60 s as long as data
  RuleOptions beacon{true, 32};              ///< gaps of one length between conversations with one service
  RuleOptions large_payload{true, 100};      ///< large packets in 60 s of ICMP, DNS or NTP to one host
  RuleOptions uncommon_port{true, 100};      ///< payload bytes to a port that is new to the house
  RuleOptions traffic_spike{true, 1000};     ///< packets, at least, to speak of a spike
  std::uint32_t repeat_after_s = 600;        ///< the same host, role and kind alarm once in this time
  double budget_per_day =
      24;  ///< alarms that ordinary traffic may cost: sets a trained model's threshold; more incidents are grouped
  std::uint32_t history_hosts = 65536;  ///< hosts whose past traffic is remembered
  /// Seconds for which a host must be known before its ports are judged.
  std::uint32_t uncommon_port_history_s = 86400;
  std::vector<HostGroup> groups;  ///< a host belongs to the first that has it
  std::vector<Silence> allow, mutes, maintenance;
};

}  // namespace weir
