#pragma once

#include "detect/rule.h"

namespace weir {

/// New TCP connections of one source to one service that are accepted and then carry nothing from it: they fill the
/// service's tables. A busy proxy's connections carry requests. Or, from outside, half as many in 60 s that stay open and
/// get no answer in 2 s or more: requests that never end (slow HTTP). Inside, a proxy whose clients wait for news (long
/// polling) does the same. Needs both directions.
/// Threshold: connections in a window. Default 300, 30 a second: health checks reach a few. Half of it, 150, is what Apache
/// serves at once as Debian packages it (MaxRequestWorkers).
class ConnectionFlood : public Rule {
 public:
  explicit ConnectionFlood(double threshold) : threshold_(threshold) {}
  std::optional<Finding> judge(const HostWindow& window) override;

 private:
  double threshold_;
};

}  // namespace weir
