#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "row_table.h"

namespace weir {

/// How far a row is from what the columns usually do together: each is standardised robustly (median, 1.4826 MAD), the first
/// principal components of the training rows explain what they can, and the score is the root mean square of the rest.
/// To compare: on kinds of traffic that training never saw it alarms five times as often as the forest.
class PcaResidual {
 public:
  /// A third of the columns.
  static std::size_t components(std::size_t columns);

  /// From rows, not empty and finite.
  static PcaResidual of(const RowTable& table);
  /// From a file: as center(), spread() and axes().
  PcaResidual(std::vector<double> center, std::vector<double> spread, std::vector<double> axes);

  /// Of rows, one after the other.
  void score(std::span<const float> rows, std::span<double> scores) const;

  std::span<const double> center() const { return center_; }
  std::span<const double> spread() const { return spread_; }
  /// One after the other, of length 1 and at right angles.
  std::span<const double> axes() const { return axes_; }

 private:
  std::vector<double> center_, spread_, axes_;
};

}  // namespace weir
