#pragma once

#include "detect/rule.h"

namespace weir {

/// A destination whose address others forge. It gets answers that it never asked for: SYN+ACK of two hosts or more, or ten
/// times as many UDP packets from services that amplify, of five hosts or more that send three each: a reflected flood upon
/// it. Or refusals (RST) from twice as many hosts as the threshold: backscatter of a flood elsewhere. Threshold: such
/// SYN+ACK packets in 60 s. Default 10: one late answer is seen now and then. Of UDP 100 packets, less than 2 a second: a
/// flood worth its name is a thousand times that, and a host asks three resolvers and four clocks: were its questions to go
/// another way, they make no five. Needs both directions; for UDP they must have been seen, for a gateway's own address,
/// masqueraded, gets answers alone.
class Reflection : public Rule {
 public:
  explicit Reflection(double threshold) : threshold_(threshold) {}
  std::optional<Finding> judge(const HostWindow& window) override;

 private:
  double threshold_;
};

}  // namespace weir
