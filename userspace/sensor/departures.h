#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sensor/interface.h"

namespace weir {

struct DeparturePlan {
  Departures departures = Departures::kNone;
  std::string reason;  ///< why none, or what to mind
};

/// What is to be counted of the packets that leave one of `watched` interfaces. XDP sees arrivals only, so with one
/// interface the other half of every conversation is counted here; with several, a forwarded packet would count twice, and
/// what leaves inside is only matched: a gateway that translates addresses sees answers for what they are only there.
DeparturePlan plan_departures(EgressMode mode, InterfaceRole role, std::size_t watched);

/// Makes the interface's egress what plan_departures() says, attaching or detaching; may be called again when `watched`
/// changes. Where departures were not asked for in so many words, failing to attach is told in `departures_reason` only.
/// The link of an earlier process goes on, if it is among `kept`.
[[nodiscard]] Result<void> watch_departures(FlowMeter& meter, unsigned slot, EgressMode mode, InterfaceRole role,
                                            std::size_t watched, Attachment& attachment, TcWay way = TcWay::kAuto,
                                            std::vector<Kept>* kept = nullptr);

/// Lets the kernel count frames longer than the interface takes: they were merged. One whose MTU cannot be read leaves the
/// limit as it was.
void refresh_frame_limit(FlowMeter& meter, unsigned slot, const Attachment& attachment);

}  // namespace weir
