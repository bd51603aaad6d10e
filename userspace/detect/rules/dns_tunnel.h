#pragma once

#include "detect/rule.h"

namespace weir {

/// Data in names: many different names asked for with a label of 24 bytes or more, a quarter of all its questions at least,
/// so that a resolver, which asks for all, is none.
/// Threshold: distinct names in 60 s. Default 60, one a second: look-ups of security products reach some ten a minute, a
/// tunnel that carries data asks several a second.
class DnsTunnel : public Rule {
 public:
  explicit DnsTunnel(double threshold) : threshold_(threshold) {}
  std::optional<Finding> judge(const HostWindow& window) override;

 private:
  double threshold_;
};

}  // namespace weir
