#include "detect/rules/traffic_spike.h"

#include <algorithm>
#include <cmath>

namespace weir {
namespace {

constexpr std::uint32_t kWarmWindows = 6;
constexpr double kAlpha = 1.0 / 30;
constexpr double kAboveMean = 3, kDeviations = 4, kAboveMaximum = 2;  // in doublings; deviations
constexpr double kMaximumSinks = 0.01;
constexpr std::int64_t kForgetAfter_ns = 3'600'000'000'000, kHour_ns = 3'600'000'000'000;
constexpr float kSeasonSinks = 0.25;  // a day

std::size_t hour_of_day(std::int64_t hour) { return static_cast<std::size_t>((hour % 24 + 24) % 24); }
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

void TrafficSpike::Season::learn(std::int64_t at, double z) {
  if (at != hour) {
    float& known = maximum[hour_of_day(hour)];
    known = std::max(known - kSeasonSinks, maximum_now);
    hour = at;
    maximum_now = 0;
  }
  maximum_now = std::max(maximum_now, static_cast<float>(z));
}

double TrafficSpike::Season::maximum_at(std::int64_t at) const {
  return std::max({maximum[hour_of_day(at - 1)], maximum[hour_of_day(at)], maximum[hour_of_day(at + 1)]});
}

double TrafficSpike::usual_by_season(Past& past, const HostWindow& w, double z) {
  if (!w.home || w.start_ns - past.first_ns < kHour_ns) return 0;
  const std::int64_t hour = w.start_ns / kHour_ns;
  if (!past.season) past.season = std::make_unique<Season>(Season{{}, hour, 0});
  past.season->learn(hour, z);
  return past.season->maximum_at(hour);
}

void TrafficSpike::save(Baselines& all, std::int64_t now_ns) const {
  for (const auto& [host, past] : pasts_) {
    TrafficPast& p = all.traffic.emplace_back(TrafficPast{host,
                                                          past.mean,
                                                          past.deviation,
                                                          past.maximum,
                                                          past.windows,
                                                          age_of(past.first_ns, now_ns),
                                                          age_of(past.seen_ns, now_ns),
                                                          {}});
    if (past.season)
      p.season = {past.season->maximum, static_cast<std::uint32_t>(past.season->hour), past.season->maximum_now};
  }
}

void TrafficSpike::restore(const Baselines& all, std::int64_t now_ns, const IsOwn& is_own) {
  for (const TrafficPast& p : all.traffic) {
    if (pasts_.size() >= most_hosts_ || !is_own(p.host)) continue;
    Past past{p.mean, p.deviation, p.maximum, p.windows, time_of_age(p.first_age, now_ns), time_of_age(p.seen_age, now_ns),
              {}};
    if (p.season) past.season = std::make_unique<Season>(Season{p.season->maximum, p.season->hour, p.season->maximum_now});
    pasts_[p.host] = std::move(past);
  }
}

std::optional<Finding> TrafficSpike::judge(const HostWindow& w) {
  if (w.role != Role::kSource) return std::nullopt;
  Past* past = past_of(w);
  if (past == nullptr) return std::nullopt;
  const auto packets = static_cast<double>(w.packets);
  const double z = std::log2(packets + 1);
  if (past->windows == 0) past->first_ns = w.start_ns;
  const double mean = past->mean, limit = mean + std::max(kAboveMean, kDeviations * past->deviation);
  const double maximum = std::max(past->maximum, usual_by_season(*past, w, z));
  const bool is_warm = past->windows >= kWarmWindows;
  learn(*past, z);
  past->seen_ns = w.start_ns;
  if (!is_warm || packets < threshold_ || z < limit || z < maximum + kAboveMaximum) return std::nullopt;

  const auto usual = static_cast<std::uint64_t>(std::lround(packets_at(mean)));
  Finding f;
  f.kind = "traffic_spike";
  f.score = rule_score(packets, packets_at(maximum + kAboveMaximum));
  f.text = "sent " + std::to_string(w.packets) + " packets in 10 s, usually about " + std::to_string(usual);
  f.reason = {"total_packets", packets, packets_at(mean), packets_at(maximum),
              packets / packets_at(maximum + kAboveMaximum)};
  f.has_normal = true;
  return f;
}

}  // namespace weir
