#include "detect/rules/traffic_spike.h"

#include <algorithm>
#include <cmath>

namespace weir {
namespace {

constexpr std::uint32_t kWarmWindows = 6;
constexpr double kAlpha = 1.0 / 30;
constexpr double kAboveMean = 3, kDeviations = 4, kAboveMaximum = 2;  // in doublings; deviations
constexpr double kMaximumSinks = 0.01;
constexpr std::int64_t kForgetAfter_ns = 3'600'000'000'000;

double packets_at(double z) { return std::exp2(z) - 1; }

}  // namespace

TrafficSpike::Past* TrafficSpike::past_of(const HostWindow& w) {
  if (const auto known = pasts_.find(w.host); known != pasts_.end()) return &known->second;
  if (pasts_.size() >= most_hosts_ && w.start_ns - pruned_ns_ >= kWindow_ns) {
    pruned_ns_ = w.start_ns;
    std::erase_if(pasts_, [&](const auto& entry) { return w.start_ns - entry.second.seen_ns > kForgetAfter_ns; });
  }
  if (pasts_.size() >= most_hosts_) {
    ++untracked_;
    return nullptr;
  }
  return &pasts_[w.host];
}

void TrafficSpike::learn(Past& past, double z) {
  if (past.windows == 0) {
    past.mean = past.maximum = z;
  } else {
    const double clipped = std::min(z, past.mean + 3 * past.deviation + 1);
    const double alpha = std::max(kAlpha, 1.0 / (past.windows + 1));
    past.deviation = (1 - alpha) * past.deviation + alpha * std::abs(clipped - past.mean);
    past.mean += alpha * (clipped - past.mean);
    past.maximum = std::max(past.maximum - kMaximumSinks, std::min(z, past.maximum + 1));
  }
  ++past.windows;
}

std::optional<Finding> TrafficSpike::judge(const HostWindow& w) {
  if (w.role != Role::kSource) return std::nullopt;
  Past* past = past_of(w);
  if (past == nullptr) return std::nullopt;
  const auto packets = static_cast<double>(w.packets);
  const double z = std::log2(packets + 1);
  const Past before = *past;
  learn(*past, z);
  past->seen_ns = w.start_ns;
  if (before.windows < kWarmWindows || packets < threshold_) return std::nullopt;
  if (z < before.mean + std::max(kAboveMean, kDeviations * before.deviation)) return std::nullopt;
  if (z < before.maximum + kAboveMaximum) return std::nullopt;

  const auto usual = static_cast<std::uint64_t>(std::lround(packets_at(before.mean)));
  Finding f;
  f.kind = "traffic_spike";
  f.score = rule_score(packets, packets_at(before.maximum + kAboveMaximum));
  f.text = "sent " + std::to_string(w.packets) + " packets in 10 s, usually about " + std::to_string(usual);
  f.reason = {"total_packets", packets, packets_at(before.mean), packets_at(before.maximum),
              packets / packets_at(before.maximum + kAboveMaximum)};
  f.has_normal = true;
  return f;
}

}  // namespace weir
