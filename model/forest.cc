#include "forest.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace weir {

Forest::Forest(ForestArrays arrays)
    : arrays_(std::make_shared<const ForestArrays>(std::move(arrays))),
      view_(arrays_->view()),
      engine_(std::make_shared<const DepthEngine>(view_)),
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
  std::vector<double> parts(view_.columns);
  contributions(row, parts);
  return parts;
}

void Forest::contributions(std::span<const float> rows, std::span<double> parts) const {
  std::ranges::fill(parts, 0);
  const std::size_t columns = view_.columns;
  for (std::size_t i = 0; i < parts.size(); i += columns)
    engine_->add_parts(rows.subspan(i, columns), parts.subspan(i, columns));
  for (double& x : parts) x /= static_cast<double>(view_.root.size()) * unit_;
}

double Forest::expected_depth() const { return engine_->expected_sum() / static_cast<double>(view_.root.size()); }

}  // namespace weir
