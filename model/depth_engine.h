#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "compact_forest.h"
#include "forest_view.h"
#include "rank_forest.h"

namespace weir {

/// The ways to sum a row's depths over the trees. All give the same bits, those of scikit-learn, which adds in tree order.
enum class DepthPath {
  kWalk,      ///< node after node, as the arrays are: the reference, and the way of rows with a NaN
  kPortable,  ///< CompactForest
  kAvx2,      ///< RankForest, 32 rows at once
  kAvx512,    ///< RankForest, 64 rows at once; needs VBMI
};

std::string_view path_name(DepthPath path);

/// A forest laid out for all paths. Immutable: threads may share one.
class DepthEngine {
 public:
  explicit DepthEngine(const ForestView& forest);

  /// For each row (forest.columns floats, one row after the other) the sum of the leaves' values. What is fastest for so
  /// many rows on this processor.
  void sum(std::span<const float> rows, std::span<double> sums) const;
  /// By one path, which must be available.
  void sum(std::span<const float> rows, std::span<double> sums, DepthPath path) const;
  /// CompactForest's.
  void add_parts(std::span<const float> row, std::span<double> parts) const { compact_.add_parts(row, parts); }
  double expected_sum() const { return compact_.expected_sum(); }
  /// Whether this processor has the instructions and the forest suits: depth at most 8 for the vector paths.
  bool is_available(DepthPath path) const;
  /// What sum() takes for so many rows at once.
  DepthPath best_path(std::size_t rows) const;

 private:
  ForestView forest_;
  CompactForest compact_;
  std::optional<RankForest> rank_;
};

}  // namespace weir
