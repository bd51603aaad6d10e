#pragma once

#include "detect/rule.h"

namespace weir {

/// A destination whose address others forge. It gets answers to connections that it never tried (SYN+ACK, from two hosts
/// or more: a reflected flood upon it), or refusals (RST) from twice as many hosts as the threshold: backscatter of a flood
/// elsewhere. Threshold: such SYN+ACK packets in 60 s. Default 10: one late answer is seen now and then. Needs both
/// directions.
class Reflection : public Rule {
 public:
  explicit Reflection(double threshold) : threshold_(threshold) {}
  std::optional<Finding> judge(const HostWindow& window) override;

 private:
  double threshold_;
};

}  // namespace weir
