#pragma once

#include <Eigen/Core>

#include "feature_row.h"
#include "row_table.h"

namespace weir {

/// Transformed features: a row a window, columns in schema order. Row-major, because a tree reads one row at a time. Apart
/// from feature_row.h, so that scoring does not compile Eigen.
using FeatureMatrix = Eigen::Matrix<float, Eigen::Dynamic, static_cast<int>(kFeatureCount), Eigen::RowMajor>;

inline FeatureSpan row_of(const FeatureMatrix& matrix, Eigen::Index row) {
  return FeatureSpan(matrix.data() + row * static_cast<Eigen::Index>(kFeatureCount), kFeatureCount);
}

inline RowTable table_of(const FeatureMatrix& matrix) {
  return {{matrix.data(), static_cast<std::size_t>(matrix.size())}, kFeatureCount};
}

}  // namespace weir
