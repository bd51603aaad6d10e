#pragma once

#include "detect/rule.h"

namespace weir {

/// TCP packets with flags that no stack sends: none, FIN alone, FIN+PSH+URG, SYN+FIN, SYN+RST.
/// Threshold: such packets in a window. Default 10: a broken packet now and then is not ten.
class OddFlags : public Rule {
 public:
  explicit OddFlags(double threshold) : threshold_(threshold) {}
  std::optional<Finding> judge(const HostWindow& window) override;

 private:
  double threshold_;
};

}  // namespace weir
