#include "model.h"

#include <algorithm>
#include <utility>

#include "feature_row.h"

namespace weir {

namespace {

/// As rule_score() of detect/rule.h.
double alarm_score(double surprise, double threshold) {
  if (surprise <= threshold) return Model::kAlarmScore * surprise / threshold;
  return 1 - (1 - Model::kAlarmScore) * threshold / surprise;
}

}  // namespace

Model::Model(Detectors detectors, double threshold, std::vector<NormalRange> normal, Provenance provenance)
    : detectors_(std::move(detectors)),
      threshold_(threshold),
      normal_(std::move(normal)),
      provenance_(std::move(provenance)) {}

ModelScore Model::score(const FeatureVector& features) const { return score({&features, 1}).front(); }

std::vector<ModelScore> Model::score(std::span<const FeatureVector> features) const {
  std::vector<FeatureRow> rows(features.size());
  std::transform(features.begin(), features.end(), rows.begin(), transform);
  std::vector<ModelScore> scores(features.size());
  if (rows.empty()) return scores;
  const std::span<const float> values(rows.front().data(), rows.size() * kFeatureCount);
  if (!detectors_.partners) {
    std::vector<double> by_forest(scores.size());
    detectors_.forest.score(values, by_forest);
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i].score = by_forest[i];
    return scores;
  }
  const std::vector<Surprise> surprises = detectors_.surprises(values);
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = {alarm_score(surprises[i].most(), threshold_), surprises[i]};
  return scores;
}

FeatureVector Model::contributions(const FeatureVector& features) const {
  const FeatureRow row = transform(features);
  FeatureVector parts;
  if (detectors_.partners) {
    const Surprise surprise = detectors_.surprises(row).front();
    if (surprise.tail > surprise.forest) {
      std::ranges::copy(detectors_.partners->tail.contributions(row), parts.begin());
      return parts;
    }
  }
  detectors_.forest.contributions(row, parts);
  return parts;
}

const NormalRange* Model::normal(std::string_view name) const {
  const auto it = std::find_if(normal_.begin(), normal_.end(), [&](const NormalRange& n) { return n.name == name; });
  return it == normal_.end() ? nullptr : &*it;
}

}  // namespace weir
