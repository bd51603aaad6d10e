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
constexpr std::ptrdiff_t kTailPerCensored = 12;
constexpr double kHoursPerDay = 24;
constexpr double kHighestScore = 1 - 0x1p-20;
constexpr double kLeastWindowsPerDay = 12'000;  // 30 hosts that speak an hour and more each
constexpr double kLeastSurprise = 1;            // whatever the budget: what one ordinary window in ten does is no alarm

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

/// Where they are not the greater part: few rows remain beside one host that has nearly all.
void drop_outliers(std::vector<std::uint32_t>& rows, const std::vector<bool>& is_outlier) {
  const auto is_one = [&](std::uint32_t row) { return is_outlier[row]; };
  if (2 * std::ranges::count_if(rows, is_one) <= std::ssize(rows)) std::erase_if(rows, is_one);
}

Detectors fit(const RowTable& table, const GrowOptions& options, bool forest_alone) {
  return forest_alone ? Detectors(Forest(grow_forest(table, options))) : fit_detectors(table, options);
}

}  // namespace

std::vector<std::uint32_t> deal_groups(const TrainingSet& set, std::uint64_t seed) {
  std::vector<std::uint32_t> hosts = distinct_hosts(set);
  return hosts.size() < kMinHosts ? deal_time(set) : deal_hosts(set, std::move(hosts), seed);
}

std::vector<double> held_out_scores(const TrainingSet& set, std::span<const std::uint32_t> group, const GrowOptions& options,
                                    bool forest_alone, std::span<const std::uint32_t> outliers) {
  const RowTable table = table_of(set.features);
  std::vector<double> scores(group.size());
  std::vector<bool> is_outlier(group.size());
  for (const std::uint32_t row : outliers) is_outlier[row] = true;
  for (std::uint32_t held_out = 0; held_out < kGroups && !options.stop.stop_requested(); ++held_out) {
    std::vector<std::uint32_t> own, others;
    for (std::uint32_t row = 0; row < group.size(); ++row) (group[row] == held_out ? own : others).push_back(row);
    drop_outliers(others, is_outlier);
    const std::vector<float> values = gather(table, others);
    const auto own_scores = fit({values, table.columns}, options, forest_alone).own_scores(gather(table, own));
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

double tail_threshold(std::vector<double> maxima, double alarms, bool is_made) {
  std::ranges::sort(maxima);
  const double start = quantile(maxima, kTailQuantile);
  const auto first = std::upper_bound(maxima.begin(), maxima.end(), start);
  const auto count = maxima.end() - first;
  if (count == 0) return start;
  // The strangest twelfth (one at least) counts as "at least as much as the rest" (a censored sample): how far out it lies
  // says nothing.
  const auto censored = std::min(count - 1, (count + kTailPerCensored - 1) / kTailPerCensored);
  const auto known = maxima.end() - (is_made ? 0 : censored);
  const double sum = std::accumulate(first, known, 0.0) + static_cast<double>(maxima.end() - known) * *(known - 1);
  const double mean_excess = (sum - static_cast<double>(count) * start) / static_cast<double>(known - first);
  return start + mean_excess * std::max(0.0, std::log(static_cast<double>(count) / alarms));
}

std::vector<std::uint32_t> find_outliers(const TrainingSet& set, const GrowOptions& options, double contamination) {
  const auto scores = held_out_scores(set, deal_groups(set, options.seed), options, false);
  std::vector<std::uint32_t> rows(scores.size());
  std::iota(rows.begin(), rows.end(), 0U);
  const auto end =
      rows.begin() + static_cast<std::ptrdiff_t>(std::floor(static_cast<double>(rows.size()) * contamination + 1e-9));
  std::partial_sort(rows.begin(), end, rows.end(), [&](std::uint32_t a, std::uint32_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  });
  rows.erase(end, rows.end());
  std::ranges::sort(rows);
  return rows;
}

double calibrate(const TrainingSet& set, const GrowOptions& options, double alarms_per_day, bool forest_alone,
                 std::span<const std::uint32_t> outliers) {
  const auto group = deal_groups(set, options.seed);
  const auto scores = held_out_scores(set, group, options, forest_alone, outliers);
  const double threshold =
      tail_threshold(block_maxima(set, scores), alarms_per_day * set.hours / kHoursPerDay, forest_alone);
  if (forest_alone) return std::min(threshold, kHighestScore);
  return std::max({threshold, std::log10(kLeastWindowsPerDay / alarms_per_day), kLeastSurprise});
}

}  // namespace weir
