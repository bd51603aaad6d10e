#pragma once

#include "detect/rule.h"

namespace weir {

/// Guessing passwords: new connections to one login service of one host in 60 s (is_login_port() names the ports), or what
/// payload heads show of it on any port: SSH connections (2/3 as many suffice), names and passwords sent (4/3), refusals
/// (1/3), different SNMP communities (1/3: a monitor has one or two, and asks on with what worked). Threshold: connections
/// in 60 s. Default 30: nobody types 30 passwords a minute, and what logs in by itself keeps its connection; the largest
/// benign value seen is 3.
class BruteForce : public Rule {
 public:
  explicit BruteForce(double threshold) : threshold_(threshold) {}
  std::optional<Finding> judge(const HostWindow& window) override;

 private:
  double threshold_;
};

}  // namespace weir
