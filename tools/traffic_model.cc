#include "traffic_model.h"

#include "traffic_office.h"

namespace weir {

TrafficModel::TrafficModel(std::uint64_t seed, double seconds) {
  live(Office(), plan_, seed, kStart_ns, seconds);
  plan_.finish(kStart_ns + static_cast<std::int64_t>(seconds * 1e9));
}

Result<bool> TrafficModel::next(Packet& out) {
  out = {};
  if (at_ == plan_.frames().size()) return false;
  const PlannedFrame& frame = plan_.frames()[at_++];
  out.time_ns = frame.time_ns;
  out.data = writer_.write(frame, plan_.conversation(frame.conversation), out.wire_bytes);
  return true;
}

}  // namespace weir
