#pragma once

#include "detect/rule.h"

namespace weir {

/// Guessing paths of a web server: many answers 4xx, and they are half of all answers or more.
/// Threshold: such answers in 60 s. Default 20: a broken page or a mistyped address makes a few.
class WebScan : public Rule {
 public:
  explicit WebScan(double threshold) : threshold_(threshold) {}
  std::optional<Finding> judge(const HostWindow& window) override;

 private:
  double threshold_;
};

}  // namespace weir
