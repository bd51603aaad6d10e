#include "trainer.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <functional>
#include <iterator>
#include <numeric>
#include <utility>

#include "calibration.h"
#include "forest_builder.h"
#include "forest_check.h"
#include "quantile.h"
#include "sha256.h"

namespace weir {
namespace {

[[nodiscard]] Result<void> check_options(const TrainOptions& options) {
  if (options.trees < 1 || options.trees > kMaxTrees)
    return fail(EINVAL, "trees: " + std::to_string(options.trees) + ", expected 1 to " + std::to_string(kMaxTrees));
  if (options.samples < 2) return fail(EINVAL, "samples: " + std::to_string(options.samples) + ", expected at least 2");
  if (!std::isfinite(options.alarms_per_day) || options.alarms_per_day <= 0)
    return fail(EINVAL, "alarms per day: expected more than 0");
  if (options.contamination && !(*options.contamination > 0 && *options.contamination <= 0.5))
    return fail(EINVAL, "contamination: expected more than 0 and at most 0.5");
  return {};
}

[[nodiscard]] Result<void> check_set(const TrainingSet& set) {
  const auto rows = static_cast<std::size_t>(set.features.rows());
  if (set.host.size() != rows || set.time_ns.size() != rows)
    return fail(EINVAL, "training set: rows, hosts and times differ in number");
  if (rows < kMinTrainingRows)
    return fail(EINVAL, std::to_string(rows) + " windows are too few: at least " + std::to_string(kMinTrainingRows) +
                            " are needed, use a longer capture");
  if (!set.features.allFinite()) return fail(EINVAL, "training set: a feature is not a finite number");
  if (!std::isfinite(set.hours) || set.hours <= 0) return fail(EINVAL, "training set: covers no time");
  return {};
}

std::string fingerprint(const RowTable& table) {
  Sha256 hash;
  hash.add({reinterpret_cast<const std::uint8_t*>(table.values.data()), table.values.size_bytes()});
  return hash.hex();
}

GrowOptions grow_options(const TrainOptions& options) {
  return {options.trees, options.samples, options.seed, options.threads, 0, options.stop};
}

Provenance provenance_of(const Forest& forest, const RowTable& table, const TrainOptions& options) {
  return {options.version, fingerprint(table), table.rows(), options.seed, options.trees, forest.view().samples};
}

/// As scikit-learn has it: the share's quantile of the training rows' own scores.
double offset_of(const Forest& forest, const RowTable& table, double contamination) {
  std::vector<double> scores(table.rows());
  forest.score(table.values, scores);
  std::ranges::sort(scores);
  return -quantile(scores, 1 - contamination);
}

/// `rows` in ascending order.
std::vector<std::uint32_t> rows_without(std::size_t count, std::span<const std::uint32_t> rows) {
  std::vector<std::uint32_t> all(count), rest;
  std::iota(all.begin(), all.end(), 0U);
  std::ranges::set_difference(all, rows, std::back_inserter(rest));
  return rest;
}

/// What the finished model makes of the rows that it comes from.
void judge_rows(const TrainingSet& set, Trained& trained) {
  const std::vector<double> scores = trained.model.detectors().own_scores(table_of(set.features).values);
  const auto maxima = block_maxima(set, scores);
  trained.alarms = static_cast<std::size_t>(
      std::ranges::count_if(maxima, [&](double score) { return score > trained.model.own_threshold(); }));
  std::ranges::sort(trained.outliers, std::greater<>{}, [&](std::uint32_t row) { return scores[row]; });
  for (const std::uint32_t row : trained.outliers) trained.surprise.push_back(scores[row]);
}

}  // namespace

Result<Trained> train_in_detail(const TrainingSet& set, const TrainOptions& options) {
  if (auto ok = check_options(options); !ok) return fail(ok.error(), "train");
  if (auto ok = check_set(set); !ok) return fail(ok.error(), "train");

  const GrowOptions grow = grow_options(options);
  std::vector<std::uint32_t> outliers;
  if (!options.forest_alone) outliers = find_outliers(set, grow, options.contamination.value_or(kContamination));
  const RowTable all = table_of(set.features);
  const std::vector<float> values = gather(all, rows_without(all.rows(), outliers));
  const RowTable table{values, all.columns};
  Detectors detectors = options.forest_alone ? Detectors(Forest(grow_forest(table, grow))) : fit_detectors(table, grow);
  const double threshold = calibrate(set, grow, options.alarms_per_day, options.forest_alone, outliers);
  if (options.stop.stop_requested()) return fail(ECANCELED, "train: stopped");
  const Provenance provenance = provenance_of(detectors.forest, all, options);
  Trained trained{Model(std::move(detectors), threshold, set.normal, provenance), std::move(outliers), {}, 0};
  trained.model.set_known_beacons(set.known_beacons);
  judge_rows(set, trained);
  return trained;
}

Result<Model> train(const TrainingSet& set, const TrainOptions& options) {
  auto trained = train_in_detail(set, options);
  if (!trained) return tl::make_unexpected(trained.error());
  return std::move(trained->model);
}

Result<ColumnForest> train_columns(const RowTable& table, std::vector<std::string> names, const TrainOptions& options) {
  if (auto ok = check_options(options); !ok) return fail(ok.error(), "train");
  if (names.size() != table.columns || names.size() > kMaxColumns)
    return fail(EINVAL, "train: " + std::to_string(names.size()) + " columns, at most " + std::to_string(kMaxColumns));
  if (table.rows() < 2) return fail(EINVAL, "train: " + std::to_string(table.rows()) + " rows, at least 2 are needed");
  Forest forest(grow_forest(table, grow_options(options)));
  const double offset = options.contamination ? offset_of(forest, table, *options.contamination) : -0.5;
  const Provenance provenance = provenance_of(forest, table, options);
  return ColumnForest(std::move(forest), std::move(names), provenance, offset);
}

}  // namespace weir
