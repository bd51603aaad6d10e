#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "forest_view.h"
#include "random.h"

namespace weir {

/// What random trees look like. Thresholds are drawn from few values, so that rows lie on them.
struct Shape {
  std::uint32_t columns = 18;
  unsigned trees = 20, depth = 8;
  unsigned values = 1000;  ///< different thresholds, about
  bool has_missing = false;
};

class RandomForest {
 public:
  RandomForest(const Shape& shape, std::uint64_t seed) : shape_(shape), random_(seed) {
    forest_.columns = shape.columns;
    for (unsigned t = 0; t < shape.trees; ++t) {
      forest_.root.push_back(static_cast<std::uint32_t>(forest_.feature.size()));
      grow(0);
    }
    forest_.samples = *std::max_element(forest_.rows.begin(), forest_.rows.end());
  }

  const ForestArrays& arrays() const { return forest_; }

  /// A value near a threshold: on it, the float beside it, or none of these; seldom an infinity.
  float value() {
    const auto x = static_cast<float>(random_.below(shape_.values)) / 7 - 30;
    switch (random_.below(16)) {
      case 0:
        return std::numeric_limits<float>::infinity();
      case 1:
        return -std::numeric_limits<float>::infinity();
      case 2:
        return std::nextafter(x, 1e9F);
      case 3:
        return std::nextafter(x, -1e9F);
      case 4:
        return static_cast<float>(random_.uniform() * 1e6);
      default:
        return x;
    }
  }

  std::vector<float> rows(std::size_t count) {
    std::vector<float> out(count * shape_.columns);
    for (float& x : out) x = value();
    return out;
  }

 private:
  std::uint32_t grow(unsigned depth) {
    const auto node = static_cast<std::uint32_t>(forest_.feature.size());
    forest_.feature.push_back(static_cast<std::uint16_t>(random_.below(shape_.columns)));
    forest_.threshold.push_back(static_cast<float>(random_.below(shape_.values)) / 7 - 30);
    forest_.left.push_back(0);
    forest_.right.push_back(0);
    forest_.rows.push_back(1 + random_.below(9));
    forest_.value.push_back(random_.uniform() * 10);
    if (shape_.has_missing) forest_.missing_left.push_back(static_cast<std::uint8_t>(random_.below(2)));
    if (depth == shape_.depth || random_.below(6) == 0) return node;
    forest_.left[node] = grow(depth + 1);
    forest_.right[node] = grow(depth + 1);
    forest_.rows[node] = forest_.rows[forest_.left[node]] + forest_.rows[forest_.right[node]];
    forest_.value[node] = 0;
    return node;
  }

  Shape shape_;
  Random random_;
  ForestArrays forest_;
};

}  // namespace weir
