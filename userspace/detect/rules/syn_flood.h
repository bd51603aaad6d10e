#pragma once

#include "detect/rule.h"

namespace weir {

/// Connection attempts on one service that are never completed: SYN packets of flows whose sender never sends an ACK, by
/// their source and by their destination (where the sources are forged, only the victim can be named).
/// Threshold: such packets in a window. Default 500, 50 a second: retries of a busy client to a dead server reach 47 in a
/// window. At least half of all attempts must fail, so that the handshakes under way of a busy proxy are no flood. Twenty
/// times as many, spread over a destination's ports, are a flood as well; from one source they are a scan.
/// Twice as many in 60 s, from one source to one service, are a slower flood.
class SynFlood : public Rule {
 public:
  explicit SynFlood(double threshold) : threshold_(threshold) {}
  std::optional<Finding> judge(const HostWindow& window) override;
  bool judges_ticks() const override { return true; }

 private:
  Finding slow_flood(const Most& service) const;

  double threshold_;
};

}  // namespace weir
