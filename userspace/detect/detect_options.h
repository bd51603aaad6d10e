#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace weir {

struct RuleOptions {
  bool enabled = true;
  double threshold = 0;  ///< in the rule's own unit, see its header
};

struct DetectOptions {
  struct {
    bool enabled = true;
    std::string file;                 ///< empty = the compiled-in model
    std::optional<double> threshold;  ///< of the score, 0..1; default: the model's own
    std::uint32_t min_packets = 10;   ///< windows with fewer are not scored: their features say nothing
  } model;
  RuleOptions vertical_scan{true, 20};    ///< closed or silent TCP ports of one host
  RuleOptions syn_flood{true, 500};       ///< SYN packets that nobody accepted
  RuleOptions icmp_flood{true, 300};      ///< ICMP packets to one host, answers to ping not counted
  RuleOptions traffic_spike{true, 1000};  ///< packets, at least, to speak of a spike
  std::uint32_t repeat_after_s = 600;     ///< the same host, role and kind alarm once in this time
  std::uint32_t history_hosts = 65536;    ///< hosts whose past traffic is remembered
};

}  // namespace weir
