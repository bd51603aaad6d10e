#pragma once

#include "features/host_window.h"
#include "forest.h"
#include "model.h"

namespace weir::test {

/// A forest of one split: packets_per_second above 50 is isolated at once.
inline Model small_model() {
  ForestArrays a;
  a.samples = 256;
  a.columns = kFeatureCount;
  a.root = {0};
  a.feature = {static_cast<std::uint16_t>(feature_index("packets_per_second")), 0, 0};
  a.threshold = {6.2F, 0, 0};  // log1p(10 * 50) = 6.2
  a.left = {1, 0, 0};
  a.right = {2, 0, 0};
  a.rows = {256, 255, 1};
  a.value = {0, 1 + average_depth(255), 1};
  return Model(Forest(a), 0.6, {{"packets_per_second", 1, 20}, {std::string(kPortsProbed), 0, 2}}, {});
}

}  // namespace weir::test
