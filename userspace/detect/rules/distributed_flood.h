#pragma once

#include "detect/rule.h"

namespace weir {

/// A destination that many hosts talk to without being accepted or answered, most of its flows being such: a flood from
/// many or forged sources, also a slow one. Needs both directions.
/// Threshold: such sources in a window. Default 100: servers and resolvers answer; the largest benign value seen is 3.
class DistributedFlood : public Rule {
 public:
  explicit DistributedFlood(double threshold) : threshold_(threshold) {}
  std::optional<Finding> judge(const HostWindow& window) override;

 private:
  double threshold_;
};

}  // namespace weir
