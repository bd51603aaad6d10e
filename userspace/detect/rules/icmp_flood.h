#pragma once

#include "detect/rule.h"

namespace weir {

/// ICMP or ICMPv6 that is no answer: as source, to one host; as destination, from all.
/// Threshold: packets in a window. Default 300, 30 a second: ping sends 1. A destination may be watched by many monitors, so
/// there it is ten times as much.
class IcmpFlood : public Rule {
 public:
  explicit IcmpFlood(double threshold) : threshold_(threshold) {}
  std::optional<Finding> judge(const HostWindow& window) override;
  bool judges_ticks() const override { return true; }

 private:
  double threshold_;
};

}  // namespace weir
