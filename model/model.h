#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "feature_schema.h"
#include "forest.h"
#include "provenance.h"

namespace weir {

/// What is normal for one quantity in the training windows, untransformed.
struct NormalRange {
  std::string name;  ///< a feature of the schema, or evidence that a rule looks at
  double p50 = 0;
  double p99 = 0;
};

/// A forest with what makes its scores usable: threshold, normal ranges, origin.
class Model {
 public:
  Model(Forest forest, double threshold, std::vector<NormalRange> normal, Provenance provenance);

  /// Anomaly score (Liu, Ting, Zhou: Isolation Forest, ICDM 2008): 0..1, higher is stranger.
  double score(const FeatureVector& features) const;
  /// Of many, the same.
  std::vector<double> score(std::span<const FeatureVector> features) const;
  /// How much each feature raised (or lowered, < 0) the score's exponent: path contributions, they sum to
  /// (expected depth - depth) / c(samples).
  FeatureVector contributions(const FeatureVector& features) const;
  /// Scores above are anomalies: calibrated for the alarm budget on hosts that were held out of training.
  double threshold() const { return threshold_; }
  /// nullptr where training saw no such quantity.
  const NormalRange* normal(std::string_view name) const;
  const std::vector<NormalRange>& normal() const { return normal_; }
  const Provenance& provenance() const { return provenance_; }
  const Forest& forest() const { return forest_; }

 private:
  Forest forest_;
  double threshold_;
  std::vector<NormalRange> normal_;
  Provenance provenance_;
};

/// The model that is compiled in (tools/bake).
const Model& default_model();

}  // namespace weir
