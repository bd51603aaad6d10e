#include "trainer.h"

#include <cerrno>
#include <cmath>

#include "calibration.h"
#include "forest_builder.h"
#include "forest_check.h"
#include "sha256.h"

namespace weir {
namespace {

[[nodiscard]] Result<void> check_options(const TrainOptions& options) {
  if (options.trees < 1 || options.trees > kMaxTrees)
    return fail(EINVAL, "trees: " + std::to_string(options.trees) + ", expected 1 to " + std::to_string(kMaxTrees));
  if (options.samples < 2) return fail(EINVAL, "samples: " + std::to_string(options.samples) + ", expected at least 2");
  if (!std::isfinite(options.alarms_per_day) || options.alarms_per_day <= 0)
    return fail(EINVAL, "alarms per day: expected more than 0");
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

std::string fingerprint(const FeatureMatrix& features) {
  Sha256 hash;
  hash.add({reinterpret_cast<const std::uint8_t*>(features.data()),
            static_cast<std::size_t>(features.size()) * sizeof(FeatureMatrix::Scalar)});
  return hash.hex();
}

}  // namespace

Result<Model> train(const TrainingSet& set, const TrainOptions& options) {
  if (auto ok = check_options(options); !ok) return fail(ok.error(), "train");
  if (auto ok = check_set(set); !ok) return fail(ok.error(), "train");

  const GrowOptions grow{options.trees, options.samples, options.seed};
  Forest forest(grow_forest(table_of(set.features), grow));
  const double threshold = calibrate(set, grow, options.alarms_per_day);
  const Provenance provenance{options.version, fingerprint(set.features), set.host.size(), options.seed,
                              options.trees,   forest.view().samples};
  return Model(std::move(forest), threshold, set.normal, provenance);
}

}  // namespace weir
