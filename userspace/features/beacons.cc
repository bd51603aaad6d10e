#include "features/beacons.h"

#include <algorithm>
#include <cmath>

namespace weir {
namespace {

constexpr std::int64_t kOneConversation_ns = 500'000'000;
constexpr std::uint32_t kFewestGaps = 8;
constexpr float kSteadyShare = 0.9F, kTolerance = 0.2F, kTolerance_s = 0.05F, kShortestPeriod_s = 1;

/// Services that machines call at a steady pace by design: DNS, DHCP, NTP, NetBIOS, SSDP, mDNS, LLMNR.
bool is_infrastructure(std::uint16_t port) {
  constexpr std::uint16_t kPorts[] = {53, 67, 68, 123, 137, 138, 1900, 5353, 5355};
  return std::binary_search(std::begin(kPorts), std::end(kPorts), port);
}

}  // namespace

/// nullptr where the pair is new. A pair heard of again moves to the recent generation; when that is full it becomes the
/// older one.
Beacons::Past* Beacons::past_of(const Pair& pair, std::int64_t time_ns) {
  const auto hash = recent_.hash_of(pair);
  if (const std::uint32_t known = recent_.find(pair, hash); known != recent_.kNone) return &recent_.value(known);
  if (recent_.size() == kPairs) {
    std::swap(recent_, older_);
    recent_.clear();
  }
  const std::uint32_t before = older_.find(pair);
  Past& past = recent_.value(recent_.find_or_add(pair));
  past = before == older_.kNone ? Past{time_ns} : older_.value(before);
  return before == older_.kNone ? nullptr : &past;
}

std::optional<Beacon> Beacons::add(const IpAddress& source, const IpAddress& destination, std::uint16_t port,
                                   std::uint8_t protocol, std::int64_t time_ns) {
  if (is_infrastructure(port)) return std::nullopt;
  Past* past = past_of({source, destination, std::uint64_t{protocol} << 16 | port}, time_ns);
  if (past == nullptr) return std::nullopt;
  if (time_ns < past->last_ns - kOneConversation_ns) *past = {time_ns};  // the clock was set back
  if (time_ns - past->last_ns < kOneConversation_ns) return std::nullopt;
  past->gap_s[past->gaps++ % kGaps] = static_cast<float>(time_ns - past->last_ns) * 1e-9F;
  past->last_ns = time_ns;
  const std::uint32_t kept = std::min<std::uint32_t>(past->gaps, kGaps);
  if (kept < kFewestGaps) return std::nullopt;
  auto gaps = past->gap_s;
  std::nth_element(gaps.begin(), gaps.begin() + kept / 2, gaps.begin() + kept);
  const float period_s = gaps[kept / 2];
  const float tolerance_s = std::max(kTolerance * period_s, kTolerance_s);
  const auto steady =
      std::count_if(gaps.begin(), gaps.begin() + kept, [&](float gap) { return std::abs(gap - period_s) <= tolerance_s; });
  if (period_s < kShortestPeriod_s || static_cast<float>(steady) < kSteadyShare * static_cast<float>(kept))
    return std::nullopt;
  return Beacon{destination, port, kept, period_s};
}

}  // namespace weir
