#pragma once

#include "detect/rule.h"

namespace weir {

/// A host that asks for many different names that do not exist, as malware does that computes names to call home (DGA).
/// They are half of its answers or more, so that a resolver, which asks for all, is none.
/// Threshold: distinct names in 60 s. Default 20: a wrong search suffix repeats few names; malware was seen at 477.
class DnsNxdomain : public Rule {
 public:
  explicit DnsNxdomain(double threshold) : threshold_(threshold) {}
  std::optional<Finding> judge(const HostWindow& window) override;

 private:
  double threshold_;
};

}  // namespace weir
