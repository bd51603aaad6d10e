#include "detect/rules/beacon.h"

#include <cmath>
#include <cstdio>

namespace weir {
namespace {

constexpr std::int64_t kQuiet_ns = 86'400'000'000'000;
constexpr std::size_t kMostPairs = 65536;

std::string seconds(float period_s) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", static_cast<double>(period_s));
  return text;
}

}  // namespace

std::string BeaconRule::pair_text(const IpAddress& host, const Beacon& beacon) {
  return host.to_string() + " " + beacon.destination.to_string() + " " + std::to_string(beacon.port);
}

bool BeaconRule::is_new(const Pair& pair, std::int64_t time_ns) {
  if (told_ns_.size() >= kMostPairs)
    std::erase_if(told_ns_, [&](const auto& told) { return time_ns - told.second >= kQuiet_ns; });
  const auto known = told_ns_.find(pair);
  if (known != told_ns_.end() && time_ns - known->second < kQuiet_ns) return false;
  if (known == told_ns_.end() && told_ns_.size() >= kMostPairs) return false;
  told_ns_[pair] = time_ns;
  return true;
}

std::optional<Finding> BeaconRule::judge(const HostWindow& w) {
  if (w.role != Role::kSource || !w.signs) return std::nullopt;
  for (const Beacon& beacon : w.signs->beacons) {
    if (beacon.gaps < threshold_ || excused_.contains(pair_text(w.host, beacon))) continue;
    if (!is_new({w.host, beacon.destination, beacon.port}, w.end_ns)) continue;
    Finding f;
    f.kind = kBeacon;
    f.score = rule_score(beacon.gaps, threshold_);
    f.text = "calls " + beacon.destination.to_string() + " port " + std::to_string(beacon.port) + " every " +
             seconds(beacon.period_s) + " s";
    f.reason = {"steady_gaps", static_cast<double>(beacon.gaps), 0, 0, beacon.gaps / threshold_};
    return f;
  }
  return std::nullopt;
}

}  // namespace weir
