#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "model.h"
#include "training_set.h"

namespace weir {

struct TrainOptions {
  unsigned trees = 300;
  unsigned samples = 256;
  std::uint64_t seed = 1;
  double alarms_per_day = 24;  ///< the alarm budget: false alarms that ordinary traffic may cost
  std::string version;         ///< written into the model
};

/// Fewer windows have no 99th percentile.
inline constexpr std::size_t kMinTrainingRows = 100;

/// Grows a forest, and sets its threshold for the alarm budget by scores of hosts that were held out (calibration.h).
/// The same rows and options give the same model.
[[nodiscard]] Result<Model> train(const TrainingSet& set, const TrainOptions& options);

}  // namespace weir
