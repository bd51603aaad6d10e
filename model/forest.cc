#include "forest.h"

#include <cmath>
#include <utility>

namespace weir {
namespace {

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

Forest::Forest(const ForestView& constants)
    : view_(constants),
      engine_(std::make_shared<const DepthEngine>(view_)),
      expected_(expected_depths(view_)),
      unit_(average_depth(view_.samples)) {}

Forest::Forest(ForestArrays arrays)
    : owned_(std::make_shared<const ForestArrays>(std::move(arrays))),
      view_(owned_->view()),
      engine_(std::make_shared<const DepthEngine>(view_)),
      expected_(expected_depths(view_)),
      unit_(average_depth(view_.samples)) {}

double Forest::mean_depth(std::span<const float> row) const {
  double sum = 0;
  engine_->sum(row, {&sum, 1});
  return sum / static_cast<double>(view_.root.size());
}

double Forest::score(std::span<const float> row) const {
  double score = 0;
  this->score(row, {&score, 1});
  return score;
}

void Forest::score(std::span<const float> rows, std::span<double> scores) const {
  engine_->sum(rows, scores);
  const double all_units = static_cast<double>(view_.root.size()) * unit_;  // divided by at once, as scikit-learn does
  for (double& x : scores) x = std::exp2(-x / all_units);
}

std::vector<double> Forest::contributions(std::span<const float> row) const {
  std::vector<double> sum(view_.columns);
  for (std::size_t node : view_.root) {
    while (!view_.is_leaf(node)) {
      const std::size_t next = view_.child(node, row.data());
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
