#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "forest_builder.h"
#include "training_set.h"

namespace weir {

/// Where the threshold comes from: scores of windows that the scoring detectors never saw.
///
/// Hosts are dealt into kGroups groups and each group is scored by detectors of the others. Held-out time of the same
/// hosts would be no calibration: measured, a threshold for 24 alarms a day then gives 64 to 164 on hosts it has not
/// seen. With fewer than kMinHosts hosts there is nothing to deal, and time is cut into kGroups stretches instead.
inline constexpr std::uint32_t kGroups = 5;
inline constexpr std::uint32_t kMinHosts = 20;

/// The group of each row. Depends on the seed and the set of host numbers only, not on the order of the rows.
std::vector<std::uint32_t> deal_groups(const TrainingSet& set, std::uint64_t seed);

/// How strange each row is to detectors fitted to the rows of all other groups, `outliers` aside: their surprise, or the
/// score of a forest alone. Outliers have a score too.
std::vector<double> held_out_scores(const TrainingSet& set, std::span<const std::uint32_t> group, const GrowOptions& options,
                                    bool forest_alone, std::span<const std::uint32_t> outliers = {});

/// One window in 500: the share beyond which a window may be an alarm at all by a budget of 24 (a surprise of 2.7). What
/// could be an alarm is taught to no detector as ordinary: an attack that no rule knows, under way while the sensor learns,
/// is among them as long as it is rare.
inline constexpr double kContamination = 0.002;

/// This share of the rows, the strangest to detectors that did not see their hosts, in ascending order.
std::vector<std::uint32_t> find_outliers(const TrainingSet& set, const GrowOptions& options, double contamination);

/// Greatest score of each host in each 10 minutes: what de-duplicated alarms are counted in.
std::vector<double> block_maxima(const TrainingSet& set, std::span<const double> scores);

/// The score that `alarms` of the maxima are expected to exceed: u + m ln(k / alarms) with u the 90 % quantile, k the
/// number of maxima above it and m their mean excess. An exponential tail, so it also answers for less than one alarm. Of
/// the strangest twelfth of the k, at least one, only the number counts: one attack among the training traffic would else
/// lift the threshold out of reach of the next one. `is_made`: the traffic was generated, no attack hides in it, and all
/// count. `maxima` must not be empty.
double tail_threshold(std::vector<double> maxima, double alarms, bool is_made = false);

/// All of it: the threshold that a day of ordinary traffic exceeds `alarms_per_day` times. A network smaller than 12,000
/// windows a day (30 hosts that speak for an hour) gets as many fewer: with a budget of 24 what one window in 500 does (a
/// surprise of 2.7) is no alarm. Below 1 of a forest alone (the compiled-in model, of made traffic), where its scores live.
/// Outliers count here: without them the budget would be that of a cleaner day than there is.
double calibrate(const TrainingSet& set, const GrowOptions& options, double alarms_per_day, bool forest_alone,
                 std::span<const std::uint32_t> outliers = {});

}  // namespace weir
