#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "column_forest.h"
#include "model.h"
#include "row_table.h"
#include "training_set.h"

namespace weir {

struct TrainOptions {
  unsigned trees = 300;
  unsigned samples = 256;
  std::uint64_t seed = 1;
  double alarms_per_day = 24;  ///< the alarm budget: false alarms that ordinary traffic may cost
  std::string version;         ///< written into the model
  unsigned threads = 1;        ///< to grow trees with; any number gives the same model
  bool forest_alone = false;   ///< no detector beside it, and the threshold is of its score
};

/// Fewer windows have no 99th percentile.
inline constexpr std::size_t kMinTrainingRows = 100;

/// Grows a forest, and sets its threshold for the alarm budget by scores of hosts that were held out (calibration.h).
/// The same rows and options give the same model.
[[nodiscard]] Result<Model> train(const TrainingSet& set, const TrainOptions& options);

/// A forest over columns of any meaning, whose values are finite. With `contamination` (a share, scikit-learn's option of
/// this name) so many of the rows score above -offset(); without, the offset is -0.5.
[[nodiscard]] Result<ColumnForest> train_columns(const RowTable& table, std::vector<std::string> names,
                                                 const TrainOptions& options, std::optional<double> contamination);

}  // namespace weir
