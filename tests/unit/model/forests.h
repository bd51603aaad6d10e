#pragma once

#include <cmath>

#include "forest.h"
#include "random.h"
#include "training_set.h"

namespace weir {

/// Two trees over 4 samples, small enough to compute by hand:
///
///   tree 1: feature 0 <= 1.5 ? leaf (1 row, value 1) : (feature 2 <= -0.25 ? leaf (1 row, value 2) : leaf (2 rows, value
///   3)) tree 2: one leaf of all rows, value c(4)
inline ForestArrays two_trees() {
  ForestArrays f;
  f.samples = 4;
  f.columns = kFeatureCount;
  f.root = {0, 5};
  f.feature = {0, 0, 2, 0, 0, 0};
  f.threshold = {1.5F, 0, -0.25F, 0, 0, 0};
  f.left = {1, 0, 3, 0, 0, 0};
  f.right = {2, 0, 4, 0, 0, 0};
  f.rows = {4, 1, 3, 1, 2, 4};
  f.value = {0, 1, 0, 2, 3, average_depth(4)};
  return f;
}

inline float normal_draw(Random& random) {  // sum of 12 uniforms: mean 0, deviation 1
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += random.uniform();
  return static_cast<float>(sum);
}

/// `rows` windows of `hosts` hosts, one each 10 s a host, all features normal around 5.
inline TrainingSet ordinary_rows(std::uint32_t rows, std::uint32_t hosts, std::uint64_t seed) {
  Random random(seed);
  TrainingSet set;
  set.features.resize(rows, static_cast<Eigen::Index>(kFeatureCount));
  for (Eigen::Index row = 0; row < set.features.rows(); ++row)
    for (Eigen::Index column = 0; column < set.features.cols(); ++column)
      set.features(row, column) = 5 + normal_draw(random);
  for (std::uint32_t row = 0; row < rows; ++row) {
    set.host.push_back(row % hosts);
    set.time_ns.push_back(std::int64_t{row / hosts} * 10'000'000'000);
  }
  set.normal = {{"packets_per_second", 3, 40}, {"half_open_syn", 0, 2}};
  set.hours = static_cast<double>(rows) / hosts / 360;
  return set;
}

}  // namespace weir
