#include "publish/recent_windows.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace weir {
namespace {

/// Places of the hosts that are kept.
std::vector<std::size_t> choose(const ClosedWindow& window, const std::vector<Verdict>& verdicts) {
  std::vector<std::size_t> places(window.hosts.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  if (places.size() <= RecentWindows::kMostHosts) return places;
  const auto weight = [&](std::size_t i) {
    return std::tuple(!verdicts[i].is_ordinary(), window.hosts[i].home, verdicts[i].score);
  };
  std::nth_element(places.begin(), places.begin() + RecentWindows::kMostHosts, places.end(),
                   [&](std::size_t a, std::size_t b) { return weight(a) > weight(b); });
  places.resize(RecentWindows::kMostHosts);
  return places;
}

}  // namespace

void RecentWindows::add(const ClosedWindow& window, const std::vector<Verdict>& verdicts,
                        const std::shared_ptr<const Model>& model) {
  std::vector<KeptWindow> kept;
  for (const std::size_t i : choose(window, verdicts)) {
    const HostWindow& h = window.hosts[i];
    const bool is_scored = verdicts[i].model_score > 0;
    kept.push_back(
        {h.host, h.role, h.home, h.start_ns, h.packets, h.bytes, verdicts[i], h.features, is_scored ? model : nullptr});
  }
  std::ranges::sort(kept, {}, [](const KeptWindow& k) { return std::tuple(k.host, k.role); });
  const std::lock_guard lock(mutex_);
  ring_[oldest_] = std::move(kept);
  oldest_ = (oldest_ + 1) % kWindows;
}

std::vector<KeptWindow> RecentWindows::of(const IpAddress& host) const {
  std::vector<KeptWindow> own;
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < kWindows; ++i) {
    const std::vector<KeptWindow>& window = ring_[(oldest_ + i) % kWindows];
    auto at = std::ranges::lower_bound(window, host, {}, &KeptWindow::host);
    for (; at != window.end() && at->host == host; ++at) own.push_back(*at);
  }
  return own;
}

}  // namespace weir
