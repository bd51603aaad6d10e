#pragma once

#include "detect/rule.h"

namespace weir {

/// A host that tries one port at many hosts and is accepted at few of them, or that pings many of which most are silent.
/// Threshold: hosts in a window, of TCP. Default 40: discovery of services reaches 15. UDP, where discovery is looser, needs
/// half as many again (60; peer-to-peer reaches 10), ping half (20). Over 60 s half as many again of each: a slower scan.
/// UDP and ping need both directions: silence is their only failure.
class HorizontalScan : public Rule {
 public:
  explicit HorizontalScan(double threshold) : threshold_(threshold) {}
  std::optional<Finding> judge(const HostWindow& window) override;

 private:
  double threshold_;
};

}  // namespace weir
