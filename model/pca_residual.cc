#include "pca_residual.h"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <tuple>
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

Eigen::Map<const Eigen::VectorXd> vector_of(const std::vector<double>& values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

Eigen::MatrixXd standardised(const Eigen::Ref<const Rows>& rows, const std::vector<double>& center,
                             const std::vector<double>& spread) {
  return (rows.cast<double>().rowwise() - vector_of(center).transpose()).array().rowwise() /
         vector_of(spread).transpose().array();
}

}  // namespace

std::size_t PcaResidual::components(std::size_t columns) { return std::max<std::size_t>(1, columns / 3); }

PcaResidual PcaResidual::of(const RowTable& table) {
  const Eigen::Map<const Rows> rows(table.values.data(), static_cast<Eigen::Index>(table.rows()), table.columns);
  std::vector<double> center(table.columns), spread(table.columns);
  for (std::size_t c = 0; c < table.columns; ++c)
    std::tie(center[c], spread[c]) = center_and_spread(rows.col(static_cast<Eigen::Index>(c)).cast<double>());
  const Eigen::MatrixXd z = standardised(rows, center, spread).cwiseMax(-kMostDeviations).cwiseMin(kMostDeviations);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(z.transpose() * z / static_cast<double>(z.rows()));
  const Eigen::MatrixXd axes = solver.eigenvectors().rightCols(static_cast<Eigen::Index>(components(table.columns)));
  return {std::move(center), std::move(spread), std::vector<double>(axes.data(), axes.data() + axes.size())};
}

PcaResidual::PcaResidual(std::vector<double> center, std::vector<double> spread, std::vector<double> axes)
    : center_(std::move(center)), spread_(std::move(spread)), axes_(std::move(axes)) {}

void PcaResidual::score(std::span<const float> rows, std::span<double> scores) const {
  const auto columns = static_cast<Eigen::Index>(center_.size());
  const Eigen::Map<const Rows> all(rows.data(), static_cast<Eigen::Index>(scores.size()), columns);
  const Eigen::Map<const Eigen::MatrixXd> axes(axes_.data(), columns, static_cast<Eigen::Index>(axes_.size()) / columns);
  for (Eigen::Index begin = 0; begin < all.rows(); begin += kTogether) {
    const Eigen::Index count = std::min(kTogether, all.rows() - begin);
    const Eigen::MatrixXd z = standardised(all.middleRows(begin, count), center_, spread_);
    const Eigen::VectorXd rest = (z - (z * axes) * axes.transpose()).rowwise().squaredNorm();
    for (Eigen::Index i = 0; i < count; ++i)
      scores[static_cast<std::size_t>(begin + i)] = std::sqrt(rest[i] / static_cast<double>(columns));
  }
}

}  // namespace weir
