#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "detectors.h"
#include "feature_schema.h"
#include "provenance.h"

namespace weir {

/// What is normal for one quantity in the training windows, untransformed.
struct NormalRange {
  std::string name;  ///< a feature of the schema, or evidence that a rule looks at
  double p50 = 0;
  double p99 = 0;
};

/// What a model says of a window.
struct ModelScore {
  double score = 0;                  ///< 0..1, higher is stranger
  std::optional<Surprise> surprise;  ///< of each detector; none where the model is a forest alone
};

/// Detectors with what makes their scores usable: threshold, normal ranges, origin.
class Model {
 public:
  /// `threshold`: of the surprise, or of the forest's score where it is alone.
  Model(Detectors detectors, double threshold, std::vector<NormalRange> normal, Provenance provenance);

  ModelScore score(const FeatureVector& features) const;
  /// Of many, the same.
  std::vector<ModelScore> score(std::span<const FeatureVector> features) const;
  /// How much each feature raised (or lowered, < 0) what the score was made from. Where the forest found the window
  /// stranger (or is alone) the path contributions, which sum to (expected depth - depth) / c(samples); else the features'
  /// parts of the tail score.
  FeatureVector contributions(const FeatureVector& features) const;
  /// Scores above are anomalies: calibrated for the alarm budget on hosts that were held out of training. A surprise becomes
  /// a score as a rule's quantity does: kAlarmScore at the threshold, towards 1 beyond.
  double threshold() const { return detectors_.partners ? kAlarmScore : threshold_; }
  static constexpr double kAlarmScore = 0.9;
  /// As it was given.
  double own_threshold() const { return threshold_; }
  /// nullptr where training saw no such quantity.
  const NormalRange* normal(std::string_view name) const;
  const std::vector<NormalRange>& normal() const { return normal_; }
  const Provenance& provenance() const { return provenance_; }
  /// "HOST DESTINATION PORT" of each steady caller that training saw: calls that are ordinary there.
  const std::vector<std::string>& known_beacons() const { return known_beacons_; }
  void set_known_beacons(std::vector<std::string> beacons) { known_beacons_ = std::move(beacons); }
  const Detectors& detectors() const { return detectors_; }
  const Forest& forest() const { return detectors_.forest; }
  const std::optional<Partners>& partners() const { return detectors_.partners; }

 private:
  Detectors detectors_;
  double threshold_;
  std::vector<NormalRange> normal_;
  Provenance provenance_;
  std::vector<std::string> known_beacons_;
};

/// The model that is compiled in (tools/bake).
const Model& default_model();

}  // namespace weir
