#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "forest.h"
#include "forest_builder.h"
#include "pca_residual.h"
#include "tail_scale.h"
#include "tail_score.h"

namespace weir {

/// What each detector makes of a row, on one scale: -log10 of the share of ordinary rows that are at least as strange.
struct Surprise {
  double forest = 0, tail = 0;
  double pca = 0;  ///< reported, and never the reason of an alarm

  /// One detector that has nothing to say cannot hide what the other sees.
  double most() const { return forest > tail ? forest : tail; }
};

/// What stands beside the forest, for one forest alone is not enough on real traffic: it is blind to a single column that is
/// far out. With the scales that make their scores comparable.
struct Partners {
  TailScore tail;
  PcaResidual pca;
  TailScale forest_scale, tail_scale, pca_scale;
};

/// The detectors of a model. A forest alone has no scale: its score is then all there is.
struct Detectors {
  Detectors(Forest f) : forest(std::move(f)) {}  // NOLINT(google-explicit-constructor): a forest is a set of detectors
  Detectors(Forest f, Partners p) : forest(std::move(f)), partners(std::move(p)) {}

  /// Of transformed rows, one after the other. Needs partners.
  std::vector<Surprise> surprises(std::span<const float> rows) const;
  /// What a threshold is compared with: the greatest surprise that decides, or the score of a forest alone.
  std::vector<double> own_scores(std::span<const float> rows) const;

  Forest forest;
  std::optional<Partners> partners;
};

/// Trains all of them on rows of the sensor's transformed features; the scales come from the same rows.
Detectors fit_detectors(const RowTable& table, const GrowOptions& options);

}  // namespace weir
