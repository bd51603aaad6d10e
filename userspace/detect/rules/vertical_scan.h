#pragma once

#include "detect/rule.h"

namespace weir {

/// A host that tries many TCP ports of another and is accepted at none of them (Evidence::ports_probed).
/// Threshold: ports in a window. Default 20: by mistake a client hits two or three closed ports, not twenty; the largest
/// benign value seen is 7 to 15 times smaller.
class VerticalScan : public Rule {
 public:
  explicit VerticalScan(double threshold) : threshold_(threshold) {}
  std::optional<Finding> judge(const HostWindow& window) override;

 private:
  double threshold_;
};

}  // namespace weir
