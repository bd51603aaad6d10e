#include "forest.h"

#include <cmath>
#include <utility>

namespace weir {
namespace {

constexpr double kEulerGamma = 0.5772156649015329;

/// Children come after their parents, so one pass from the back has them ready.
std::vector<double> expected_depths(const ForestView& forest) {
  std::vector<double> expected(forest.value.begin(), forest.value.end());
  for (std::size_t i = expected.size(); i-- > 0;) {
    if (forest.is_leaf(i)) continue;
    const std::size_t left = forest.left[i];
    const std::size_t right = forest.right[i];
    expected[i] = (forest.rows[left] * expected[left] + forest.rows[right] * expected[right]) / forest.rows[i];
  }
  return expected;
}

}  // namespace

double average_depth(std::uint32_t rows) {
  if (rows <= 1) return 0;
  if (rows == 2) return 1;
  const double n = rows;
  return 2 * (std::log(n - 1) + kEulerGamma) - 2 * (n - 1) / n;
}

Forest::Forest(const ForestView& constants)
    : view_(constants), expected_(expected_depths(constants)), unit_(average_depth(constants.samples)) {}

Forest::Forest(ForestArrays arrays)
    : owned_(std::make_shared<const ForestArrays>(std::move(arrays))),
      view_(owned_->view()),
      expected_(expected_depths(view_)),
      unit_(average_depth(view_.samples)) {}

std::size_t Forest::child(std::size_t node, FeatureSpan row) const {
  return row[view_.feature[node]] <= view_.threshold[node] ? view_.left[node] : view_.right[node];
}

double Forest::mean_depth(FeatureSpan row) const {
  double sum = 0;
  for (std::size_t node : view_.root) {
    while (!view_.is_leaf(node)) node = child(node, row);
    sum += view_.value[node];
  }
  return sum / static_cast<double>(view_.root.size());
}

double Forest::score(FeatureSpan row) const { return std::exp2(-mean_depth(row) / unit_); }

std::array<double, kFeatureCount> Forest::contributions(FeatureSpan row) const {
  std::array<double, kFeatureCount> sum{};
  for (std::size_t node : view_.root) {
    while (!view_.is_leaf(node)) {
      const std::size_t next = child(node, row);
      sum[view_.feature[node]] += expected_[node] - expected_[next];
      node = next;
    }
  }
  for (double& x : sum) x /= static_cast<double>(view_.root.size()) * unit_;
  return sum;
}

double Forest::expected_depth() const {
  double sum = 0;
  for (const std::uint32_t node : view_.root) sum += expected_[node];
  return sum / static_cast<double>(view_.root.size());
}

}  // namespace weir
