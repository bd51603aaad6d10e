#include "model.h"

#include <algorithm>
#include <utility>

namespace weir {

Model::Model(Forest forest, double threshold, std::vector<NormalRange> normal, Provenance provenance)
    : forest_(std::move(forest)), threshold_(threshold), normal_(std::move(normal)), provenance_(std::move(provenance)) {}

double Model::score(const FeatureVector& features) const { return forest_.score(transform(features)); }

FeatureVector Model::contributions(const FeatureVector& features) const {
  return forest_.contributions(transform(features));
}

const NormalRange* Model::normal(std::string_view name) const {
  const auto it = std::find_if(normal_.begin(), normal_.end(), [&](const NormalRange& n) { return n.name == name; });
  return it == normal_.end() ? nullptr : &*it;
}

}  // namespace weir
