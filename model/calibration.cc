#include "calibration.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "quantile.h"
#include "random.h"

namespace weir {
namespace {

constexpr std::int64_t kBlockNs = 600'000'000'000;  // as long as a repeated alert is held back
constexpr double kTailQuantile = 0.9;
constexpr double kHoursPerDay = 24;
constexpr double kHighestScore = 1 - 0x1p-20;
constexpr double kLeastSurprise = 2.7;  // whatever the budget: what one ordinary window in 500 does is no alarm

std::vector<std::uint32_t> distinct_hosts(const TrainingSet& set) {
  std::vector<std::uint32_t> hosts = set.host;
  std::ranges::sort(hosts);
  hosts.erase(std::unique(hosts.begin(), hosts.end()), hosts.end());
  return hosts;
}

/// Dealt like cards, after a shuffle (Fisher, Yates): groups differ in size by one host at most.
std::vector<std::uint32_t> deal_hosts(const TrainingSet& set, std::vector<std::uint32_t> hosts, std::uint64_t seed) {
  Random random(seed);
  for (auto i = static_cast<std::uint32_t>(hosts.size()); i > 1; --i) std::swap(hosts[i - 1], hosts[random.below(i)]);
  std::map<std::uint32_t, std::uint32_t> group_of;
  for (std::uint32_t i = 0; i < hosts.size(); ++i) group_of[hosts[i]] = i % kGroups;
  std::vector<std::uint32_t> group;
  for (const std::uint32_t host : set.host) group.push_back(group_of[host]);
  return group;
}

/// Stretches with equally many rows, so that none is empty.
std::vector<std::uint32_t> deal_time(const TrainingSet& set) {
  std::vector<std::size_t> order(set.time_ns.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, {}, [&](std::size_t row) { return set.time_ns[row]; });
  std::vector<std::uint32_t> group(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) group[order[i]] = static_cast<std::uint32_t>(i * kGroups / order.size());
  return group;
}

/// Of rows, by detectors that are trained on a table.
std::vector<double> scores_by(const RowTable& table, std::span<const float> rows, std::size_t count,
                              const GrowOptions& options, bool forest_alone) {
  std::vector<double> scores(count);
  if (forest_alone) {
    Forest(grow_forest(table, options)).score(rows, scores);
    return scores;
  }
  const std::vector<Surprise> surprises = fit_detectors(table, options).surprises(rows);
  std::ranges::transform(surprises, scores.begin(), &Surprise::most);
  return scores;
}

}  // namespace

std::vector<std::uint32_t> deal_groups(const TrainingSet& set, std::uint64_t seed) {
  std::vector<std::uint32_t> hosts = distinct_hosts(set);
  return hosts.size() < kMinHosts ? deal_time(set) : deal_hosts(set, std::move(hosts), seed);
}

std::vector<double> held_out_scores(const TrainingSet& set, std::span<const std::uint32_t> group, const GrowOptions& options,
                                    bool forest_alone) {
  const RowTable table = table_of(set.features);
  std::vector<double> scores(group.size());
  for (std::uint32_t held_out = 0; held_out < kGroups; ++held_out) {
    std::vector<std::uint32_t> own, others;
    for (std::uint32_t row = 0; row < group.size(); ++row) (group[row] == held_out ? own : others).push_back(row);
    const std::vector<float> values = gather(table, others);
    const auto own_scores = scores_by({values, table.columns}, gather(table, own), own.size(), options, forest_alone);
    for (std::size_t i = 0; i < own.size(); ++i) scores[own[i]] = own_scores[i];
  }
  return scores;
}

std::vector<double> block_maxima(const TrainingSet& set, std::span<const double> scores) {
  std::map<std::pair<std::uint32_t, std::int64_t>, double> greatest;
  for (std::size_t row = 0; row < scores.size(); ++row) {
    double& block = greatest[{set.host[row], set.time_ns[row] / kBlockNs}];
    block = std::max(block, scores[row]);
  }
  std::vector<double> maxima;
  maxima.reserve(greatest.size());
  for (const auto& [block, score] : greatest) maxima.push_back(score);
  return maxima;
}

double tail_threshold(std::vector<double> maxima, double alarms) {
  std::ranges::sort(maxima);
  const double start = quantile(maxima, kTailQuantile);
  const auto first = std::upper_bound(maxima.begin(), maxima.end(), start);
  const auto count = static_cast<double>(maxima.end() - first);
  if (count == 0) return start;
  const double mean_excess = std::accumulate(first, maxima.end(), 0.0) / count - start;
  return start + mean_excess * std::max(0.0, std::log(count / alarms));
}

double calibrate(const TrainingSet& set, const GrowOptions& options, double alarms_per_day, bool forest_alone) {
  const auto group = deal_groups(set, options.seed);
  const auto scores = held_out_scores(set, group, options, forest_alone);
  const double threshold = tail_threshold(block_maxima(set, scores), alarms_per_day * set.hours / kHoursPerDay);
  return forest_alone ? std::min(threshold, kHighestScore) : std::max(threshold, kLeastSurprise);
}

}  // namespace weir
