#pragma once

#include "detect/rule.h"

namespace weir {

/// New TCP connections of one source to one service that are accepted and then carry nothing from it: they fill the
/// service's tables. A busy proxy's connections carry requests.
/// Threshold: connections in a window. Default 300, 30 a second: health checks reach a few.
class ConnectionFlood : public Rule {
 public:
  explicit ConnectionFlood(double threshold) : threshold_(threshold) {}
  std::optional<Finding> judge(const HostWindow& window) override;

 private:
  double threshold_;
};

}  // namespace weir
