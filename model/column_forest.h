#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "forest.h"

namespace weir {

/// A forest with what its columns are called: all that is needed to score a table. From a model of this sensor or of another
/// library (tools/sklearn_export.py).
class ColumnForest {
 public:
  /// Errors name the file and the field, as those of load_model().
  [[nodiscard]] static Result<ColumnForest> load(const std::string& path);
  /// The same in memory.
  [[nodiscard]] static Result<ColumnForest> from_bytes(std::span<const std::uint8_t> bytes);

  const std::vector<std::string>& columns() const { return columns_; }
  const Forest& forest() const { return forest_; }
  /// Whether the file says where a NaN goes. Ours does not: no feature is ever missing.
  bool takes_missing() const { return !is_ours_ && !forest_.view().missing_left.empty(); }
  /// Scores of rows that lie one after the other, values in the order of columns().
  void score(std::span<const double> rows, std::span<double> scores) const;

 private:
  ColumnForest(Forest forest, std::vector<std::string> columns, bool is_ours)
      : forest_(std::move(forest)), columns_(std::move(columns)), is_ours_(is_ours) {}

  Forest forest_;
  std::vector<std::string> columns_;
  bool is_ours_;  // columns are those of feature_schema.h, and are transformed before they are compared
};

}  // namespace weir
