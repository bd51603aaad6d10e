#include "model.h"

#include <algorithm>
#include <utility>

#include "feature_row.h"

namespace weir {

Model::Model(Forest forest, double threshold, std::vector<NormalRange> normal, Provenance provenance)
    : forest_(std::move(forest)), threshold_(threshold), normal_(std::move(normal)), provenance_(std::move(provenance)) {}

double Model::score(const FeatureVector& features) const { return forest_.score(transform(features)); }

std::vector<double> Model::score(std::span<const FeatureVector> features) const {
  std::vector<FeatureRow> rows(features.size());
  std::transform(features.begin(), features.end(), rows.begin(), transform);
  std::vector<double> scores(features.size());
  if (!rows.empty()) forest_.score({rows.front().data(), rows.size() * kFeatureCount}, scores);
  return scores;
}

FeatureVector Model::contributions(const FeatureVector& features) const {
  FeatureVector parts;
  std::ranges::copy(forest_.contributions(transform(features)), parts.begin());
  return parts;
}

const NormalRange* Model::normal(std::string_view name) const {
  const auto it = std::find_if(normal_.begin(), normal_.end(), [&](const NormalRange& n) { return n.name == name; });
  return it == normal_.end() ? nullptr : &*it;
}

}  // namespace weir
