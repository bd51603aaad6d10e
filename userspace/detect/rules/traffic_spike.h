#pragma once

#include <array>
#include <memory>
#include <unordered_map>

#include "detect/rule.h"
#include "features/address_hash.h"

namespace weir {

/// A source that sends far more packets than it ever did: z = log2(packets + 1) against the mean, the mean deviation and the
/// maximum of the host's own past windows. Fires when z is 3 (and 4 deviations) above the mean and two doublings above the
/// maximum, after 6 active windows. What a home host sent on days before at this hour, or the one before or after, is usual
/// too: a nightly backup alarms once. That sinks by a quarter of a doubling a day, so that what comes weekly stays known.
/// Threshold: packets, at least, in the window. Default 1000: below that no spike matters on a gateway.
class TrafficSpike : public Rule {
 public:
  TrafficSpike(double threshold, std::size_t hosts) : threshold_(threshold), most_hosts_(hosts) {}
  std::optional<Finding> judge(const HostWindow& window) override;
  void save(Baselines& all, std::int64_t now_ns) const override;
  void restore(const Baselines& all, std::int64_t now_ns, const IsOwn& is_own) override;

  /// Hosts whose past found no room; they cannot spike.
  std::uint64_t untracked() const { return untracked_; }

 private:
  /// Greatest z by hour of the day (UTC).
  struct Season {
    std::array<float, 24> maximum{};
    std::int64_t hour = 0;  ///< under way, since 1970
    float maximum_now = 0;  ///< in it

    void learn(std::int64_t at, double z);
    double maximum_at(std::int64_t at) const;
  };
  /// Few numbers a host. Exponentially weighted (1/30 a window), clipped so that an attack does not become normal; the
  /// maximum sinks by 0.01 a window.
  struct Past {
    double mean = 0, deviation = 1, maximum = 0;
    std::uint32_t windows = 0;
    std::int64_t first_ns = 0, seen_ns = 0;
    std::unique_ptr<Season> season;  ///< of home hosts, an hour after they were first seen
  };
  Past* past_of(const HostWindow& window);
  static void learn(Past& past, double z);
  static double usual_by_season(Past& past, const HostWindow& window, double z);

  double threshold_;
  std::size_t most_hosts_;
  std::unordered_map<IpAddress, Past, AddressHash> pasts_;
  std::int64_t pruned_ns_ = 0;
  std::uint64_t untracked_ = 0;
};

}  // namespace weir
