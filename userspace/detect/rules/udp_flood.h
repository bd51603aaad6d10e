#pragma once

#include "detect/rule.h"

namespace weir {

/// UDP that nobody answers: from a source to one host, or at a destination from all. Needs both directions.
/// Threshold: packets in a window. Default 5000, 500 a second: media that flow one way reach 92 a second.
class UdpFlood : public Rule {
 public:
  explicit UdpFlood(double threshold) : threshold_(threshold) {}
  std::optional<Finding> judge(const HostWindow& window) override;

 private:
  double threshold_;
};

}  // namespace weir
