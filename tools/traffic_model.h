#pragma once

#include <cstddef>
#include <cstdint>

#include "sensor/packet_source.h"
#include "traffic_frame.h"
#include "traffic_plan.h"

namespace weir {

/// An hour of ordinary traffic of a small office, as its gateway sees it: what the default model learns from. Ethernet
/// frames in both directions, in order of time, made up from a seed: the same seed gives the same bytes on every build.
/// traffic_office.h says who is there, traffic_day.h what they do, traffic_apps.h what that looks like on the wire.
///
/// It is no substitute for training on the gateway's own traffic; it makes a sensor useful before it has seen any.
class TrafficModel : public PacketSource {
 public:
  static constexpr double kSeconds = 3600;
  static constexpr std::int64_t kStart_ns = 1'700'000'000 * kSecond_ns;

  explicit TrafficModel(std::uint64_t seed, double seconds = kSeconds);
  [[nodiscard]] Result<bool> next(Packet& out) override;
  std::size_t frames() const { return plan_.frames().size(); }

 private:
  TrafficPlan plan_;
  FrameWriter writer_;
  std::size_t at_ = 0;
};

}  // namespace weir
