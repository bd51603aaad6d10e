#pragma once

#include "detect/rule.h"

namespace weir {

/// Much data in a protocol that carries little: packets with 200 bytes of payload or more, on the average of their flow, to
/// one host, of ICMP (what asks, as echo), of questions to DNS or of NTP, over UDP. A ping carries 32 or 56, a question of
/// DNS or NTP seldom 100; a tunnel fills its packets.
/// Threshold: such packets in 60 s. Default 100: who tests a path's MTU sends a few, and a monitor that pings with large
/// packets each second sends 60; a tunnel in use sends several a second.
class LargePayload : public Rule {
 public:
  explicit LargePayload(double threshold) : threshold_(threshold) {}
  std::optional<Finding> judge(const HostWindow& window) override;

 private:
  double threshold_;
};

}  // namespace weir
