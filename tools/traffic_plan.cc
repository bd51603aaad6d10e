#include "traffic_plan.h"

#include <algorithm>

namespace weir {

std::uint32_t TrafficPlan::begin(const Conversation& conversation) {
  conversations_.push_back(conversation);
  return static_cast<std::uint32_t>(conversations_.size() - 1);
}

void TrafficPlan::finish(std::int64_t end_ns) {
  std::erase_if(frames_, [&](const PlannedFrame& frame) { return frame.time_ns >= end_ns; });
  std::stable_sort(frames_.begin(), frames_.end(),
                   [](const PlannedFrame& a, const PlannedFrame& b) { return a.time_ns < b.time_ns; });
}

}  // namespace weir
