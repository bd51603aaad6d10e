#pragma once

#include "detect/rule.h"

namespace weir {

/// Requests over plain HTTP with the syntax of an attack: SQL injection, cross-site scripting, access to files, shell
/// commands, or the name of a scanner (features/web_patterns.cc). Seen in sampled heads only; TLS hides them.
/// Threshold: such requests in 60 s. Default 1: the patterns want the syntax of an attack, not a word of the language; of
/// 688 different requests of ordinary traffic none matched.
class WebAttackRule : public Rule {
 public:
  explicit WebAttackRule(double threshold) : threshold_(threshold) {}
  std::optional<Finding> judge(const HostWindow& window) override;

 private:
  double threshold_;
};

}  // namespace weir
