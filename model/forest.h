#pragma once

#include <memory>
#include <span>
#include <vector>

#include "depth_engine.h"
#include "forest_view.h"

namespace weir {

/// An Isolation Forest. Immutable, so copies share the arrays and threads may score with one object.
class Forest {
 public:
  /// Relies on arrays that pass check_forest().
  explicit Forest(ForestArrays arrays);

  /// Mean over the trees of the leaf's value: small = easily isolated. A row has view().columns floats.
  double mean_depth(std::span<const float> row) const;
  /// 2^(-mean depth / c(samples)), in (0, 1).
  double score(std::span<const float> row) const;
  /// Of many rows, one after the other, as many as `scores`: on some processors ten times as fast as one by one, and the
  /// same.
  void score(std::span<const float> rows, std::span<double> scores) const;
  /// For each column what its splits took off the expected depth, in units of c(samples): path contributions (Saabas).
  /// They sum to (expected_depth() - mean_depth(row)) / c(samples).
  std::vector<double> contributions(std::span<const float> row) const;
  /// The same of many rows, one after the other, and without allocating.
  void contributions(std::span<const float> rows, std::span<double> parts) const;
  /// Mean depth of a training row.
  double expected_depth() const;

  const ForestView& view() const { return view_; }
  const DepthEngine& engine() const { return *engine_; }

 private:
  std::shared_ptr<const ForestArrays> arrays_;
  ForestView view_;
  std::shared_ptr<const DepthEngine> engine_;
  double unit_ = 1;  // c(samples)
};

}  // namespace weir
