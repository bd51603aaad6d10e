#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "forest.h"
#include "provenance.h"

namespace weir {

/// A forest with what its columns are called: all that is needed to score a table. From a model of this sensor, or over
/// columns of any meaning: trained on a table, or by another library (tools/sklearn_export.py).
class ColumnForest {
 public:
  /// Columns as they are. `offset` is scikit-learn's: a row whose score exceeds -offset is called an outlier there.
  ColumnForest(Forest forest, std::vector<std::string> columns, Provenance provenance, double offset)
      : ColumnForest(std::move(forest), std::move(columns), std::move(provenance), offset, false) {}

  /// Errors name the file and the field, as those of load_model().
  [[nodiscard]] static Result<ColumnForest> load(const std::string& path);
  /// The same in memory.
  [[nodiscard]] static Result<ColumnForest> from_bytes(std::span<const std::uint8_t> bytes);

  const std::vector<std::string>& columns() const { return columns_; }
  const Forest& forest() const { return forest_; }
  const Provenance& provenance() const { return provenance_; }
  double offset() const { return offset_; }
  /// Whether the columns are the sensor's features, which are transformed (feature_row.h) before they are compared.
  bool is_sensor_model() const { return is_ours_; }
  /// Whether the file says where a NaN goes. Ours does not: no feature is ever missing.
  bool takes_missing() const { return !is_ours_ && !forest_.view().missing_left.empty(); }
  /// Rows, one after the other, values in the order of columns(), as the forest compares them.
  std::vector<float> compared(std::span<const double> rows) const;
  /// Scores of rows that lie one after the other, values in the order of columns().
  void score(std::span<const double> rows, std::span<double> scores) const;

  /// Writes a new file beside `path`, then renames it. Not for a model of the sensor, which is more than this: save_model().
  [[nodiscard]] Result<void> save(const std::string& path) const;
  [[nodiscard]] Result<std::vector<std::uint8_t>> to_bytes() const;

 private:
  ColumnForest(Forest forest, std::vector<std::string> columns, Provenance provenance, double offset, bool is_ours)
      : forest_(std::move(forest)),
        columns_(std::move(columns)),
        provenance_(std::move(provenance)),
        offset_(offset),
        is_ours_(is_ours) {}

  Forest forest_;
  std::vector<std::string> columns_;
  Provenance provenance_;
  double offset_;
  bool is_ours_;
};

}  // namespace weir
