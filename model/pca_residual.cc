#include "pca_residual.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace weir {
namespace {

using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr Eigen::Index kTogether = 1024;  // rows: what fits the caches
constexpr double kDeviation = 1.4826;     // median distance to standard deviation, for normal values
constexpr double kMostDeviations = 10;    // in training: a few rows far out would turn the axes towards themselves

double median_of(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::pair<double, double> center_and_spread(const Eigen::VectorXd& column) {
  std::vector<double> values(column.begin(), column.end());
  const double center = median_of(values);
  for (double& x : values) x = std::abs(x - center);
  double spread = kDeviation * median_of(values);
  if (spread == 0) spread = std::sqrt((column.array() - column.mean()).square().mean());  // more than half are equal
  return {center, spread > 0 ? spread : 1};
}

Eigen::MatrixXd standardised(const Eigen::Ref<const Rows>& rows, const Eigen::VectorXd& center,
                             const Eigen::VectorXd& spread) {
  return (rows.cast<double>().rowwise() - center.transpose()).array().rowwise() / spread.transpose().array();
}

}  // namespace

int PcaResidual::components(std::uint32_t columns) { return std::max(1, static_cast<int>(columns) / 3); }

PcaResidual PcaResidual::of(const RowTable& table) {
  const Eigen::Map<const Rows> rows(table.values.data(), static_cast<Eigen::Index>(table.rows()), table.columns);
  Eigen::VectorXd center(table.columns), spread(table.columns);
  for (Eigen::Index c = 0; c < rows.cols(); ++c)
    std::tie(center[c], spread[c]) = center_and_spread(rows.col(c).cast<double>());
  const Eigen::MatrixXd z = standardised(rows, center, spread).cwiseMax(-kMostDeviations).cwiseMin(kMostDeviations);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(z.transpose() * z / static_cast<double>(z.rows()));
  return {std::move(center), std::move(spread), solver.eigenvectors().rightCols(components(table.columns))};
}

PcaResidual::PcaResidual(Eigen::VectorXd center, Eigen::VectorXd spread, Eigen::MatrixXd axes)
    : center_(std::move(center)), spread_(std::move(spread)), axes_(std::move(axes)) {}

void PcaResidual::score(std::span<const float> rows, std::span<double> scores) const {
  const Eigen::Map<const Rows> all(rows.data(), static_cast<Eigen::Index>(scores.size()), center_.size());
  for (Eigen::Index begin = 0; begin < all.rows(); begin += kTogether) {
    const Eigen::Index count = std::min(kTogether, all.rows() - begin);
    const Eigen::MatrixXd z = standardised(all.middleRows(begin, count), center_, spread_);
    const Eigen::VectorXd score = (z - (z * axes_) * axes_.transpose()).rowwise().squaredNorm();
    for (Eigen::Index i = 0; i < count; ++i)
      scores[static_cast<std::size_t>(begin + i)] = std::sqrt(score[i] / static_cast<double>(center_.size()));
  }
}

}  // namespace weir
