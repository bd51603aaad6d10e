#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "feature_matrix.h"
#include "model.h"

namespace weir {

/// Windows of ordinary traffic: place i of `host` and `time_ns` belongs to row i of `features`.
struct TrainingSet {
  FeatureMatrix features;             ///< transformed
  std::vector<std::uint32_t> host;    ///< a number for each host
  std::vector<std::int64_t> time_ns;  ///< start of the window
  std::vector<NormalRange> normal;
  std::vector<std::string> known_beacons;  ///< see Model
  double hours = 0;                        ///< time that the windows stand for

  /// Takes the windows' untransformed features, and what is normal for each.
  void set_windows(std::span<const FeatureVector> windows);
  /// Nothing, where there are no values.
  void add_normal(std::string_view name, std::vector<double> values);
};

}  // namespace weir
