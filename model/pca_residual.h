#pragma once

#include <Eigen/Core>
#include <span>

#include "row_table.h"

namespace weir {

/// How far a row is from what the columns usually do together: each is standardised robustly (median, 1.4826 MAD), the
/// the first principal components of the training rows explain what they can, and the score is the root mean square of the
/// rest. To compare: on kinds of traffic that training never saw it alarms ten times as often as the forest.
class PcaResidual {
 public:
  /// A third of the columns.
  static int components(std::uint32_t columns);

  /// From rows, not empty and finite, of at least 2 columns.
  static PcaResidual of(const RowTable& rows);
  /// From a file: as axes(), center() and spread().
  PcaResidual(Eigen::VectorXd center, Eigen::VectorXd spread, Eigen::MatrixXd axes);

  /// Of rows, one after the other.
  void score(std::span<const float> rows, std::span<double> scores) const;

  const Eigen::VectorXd& center() const { return center_; }
  const Eigen::VectorXd& spread() const { return spread_; }
  /// A column a component, of length 1 and at right angles.
  const Eigen::MatrixXd& axes() const { return axes_; }

 private:
  Eigen::VectorXd center_, spread_;
  Eigen::MatrixXd axes_;
};

}  // namespace weir
