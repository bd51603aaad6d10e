#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include "feature_schema.h"

namespace weir {

/// One window as trees see it: transformed, in schema order.
using FeatureRow = std::array<float, kFeatureCount>;
using FeatureSpan = std::span<const float, kFeatureCount>;

/// The one place where values become what the forest compares. No feature can be negative; a variance that rounding left
/// below zero counts as zero, and so does a NaN.
inline FeatureRow transform(const FeatureVector& values) {
  FeatureRow row{};
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    const double x = std::max(0.0, values[i]);
    row[i] = static_cast<float>(kFeatures[i].transform == Transform::kLog ? std::log1p(kFeatures[i].scale * x) : x);
  }
  return row;
}

}  // namespace weir
