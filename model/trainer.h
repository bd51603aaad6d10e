#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
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
  /// The share of the rows that is not ordinary. A model of the sensor is taught all but these, the strangest ones, and
  /// takes kContamination by default; it decides no alarm. Of a column forest so many score above -offset(), scikit-learn's
  /// option of this name; by default the offset is -0.5.
  std::optional<double> contamination = {};
  std::stop_token stop = {};  ///< ends the training with ECANCELED, within a tenth of its time
};

/// Fewer windows have no 99th percentile.
inline constexpr std::size_t kMinTrainingRows = 100;

/// A model and what became of the rows.
struct Trained {
  Model model;
  std::vector<std::uint32_t> outliers;  ///< rows that no detector learned from, the strangest first
  std::vector<double> surprise;         ///< of each outlier, by the model
  std::size_t alarms = 0;               ///< distinct hosts and stretches of 10 minutes in which the model names a row
};

/// Grows a forest, and sets its threshold for the alarm budget by scores of hosts that were held out (calibration.h). Unless
/// the forest is alone, the heaviest outliers are not learned. The same rows and options give the same model.
[[nodiscard]] Result<Trained> train_in_detail(const TrainingSet& set, const TrainOptions& options);
[[nodiscard]] Result<Model> train(const TrainingSet& set, const TrainOptions& options);

/// A forest over columns of any meaning, whose values are finite.
[[nodiscard]] Result<ColumnForest> train_columns(const RowTable& table, std::vector<std::string> names,
                                                 const TrainOptions& options);

}  // namespace weir
