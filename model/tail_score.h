#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "row_table.h"
#include "survival.h"

namespace weir {

/// How far a row is above the ordinary in columns of which more is stranger (as ECOD, Li et al. 2022, but one-sided and by
/// families): of each family the greatest surprise of its columns, of these the mean of the three greatest. Families keep
/// five copies of one fact from counting five times.
class TailScore {
 public:
  struct Column {
    std::uint16_t place = 0;  ///< in the row
    std::uint8_t family = 0;  ///< families are numbered from 0
    Survival ordinary;
  };

  static constexpr std::size_t kMaxFamilies = 16;

  /// Columns not empty, families below kMaxFamilies.
  TailScore(std::vector<Column> columns, std::uint32_t row_columns);

  /// Of rows of row_columns values, one after the other.
  void score(std::span<const float> rows, std::span<double> scores) const;
  /// By column of the row: what each adds to the score. Of a family only its most surprising column does.
  std::vector<double> contributions(std::span<const float> row) const;

  std::span<const Column> columns() const { return columns_; }

 private:
  struct Finding {
    double surprise = 0;
    std::uint16_t place = 0;
  };
  std::vector<Finding> strangest(const float* row) const;

  std::vector<Column> columns_;
  std::uint32_t row_columns_;
  std::size_t families_ = 0;
};

}  // namespace weir
