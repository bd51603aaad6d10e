#pragma once

#include "detect/rule.h"

namespace weir {

/// A destination whose address others forge. It gets answers that it never asked for: SYN+ACK of two hosts or more, or ten
/// times as many UDP packets of five or more from services that amplify, a reflected flood upon it; or refusals (RST) from
/// twice as many hosts as the threshold: backscatter of a flood elsewhere. Threshold: such SYN+ACK packets in 60 s. Default
/// 10: one late answer is seen now and then. Of UDP 100 packets, less than 2 a second: a flood worth its name is a thousand
/// times that, and a resolver asks three servers, a clock four: were their questions to go another way, they make no five.
/// Needs both directions; UDP must have seen them, for a gateway's own address, masqueraded, gets answers alone.
class Reflection : public Rule {
 public:
  explicit Reflection(double threshold) : threshold_(threshold) {}
  std::optional<Finding> judge(const HostWindow& window) override;

 private:
  double threshold_;
};

}  // namespace weir
