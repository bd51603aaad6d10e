#pragma once

#include "detect/rule.h"

namespace weir {

/// A host that tries many ports of another and is accepted at none of them: of TCP (Evidence::ports_probed), by SYN or other
/// flags, of UDP, of SCTP, or the protocols of IP themselves.
/// Threshold: ports in a window. Default 20: by mistake a client hits two or three closed ports, not twenty; the largest
/// benign value seen is 7 to 15 times smaller. Over 60 s half as many again: a slower scan. UDP, where silence is the only
/// failure and media bring a silent port with each call, needs half as many again of each (30, 45 in 60 s), both directions,
/// and four times as many silent ports of the host as answered ones.
class VerticalScan : public Rule {
 public:
  explicit VerticalScan(double threshold) : threshold_(threshold) {}
  std::optional<Finding> judge(const HostWindow& window) override;

 private:
  double threshold_;
};

}  // namespace weir
