#include "onnx_rows.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

namespace weir {
namespace {

constexpr double kTolerance = 1e-6;  // files hold 32-bit floats, whose half unit is 6e-8
constexpr double kEulerGamma = 0.5772156649015329;

using Rows = std::vector<std::uint32_t>;

/// Sums of the leaves' rows, children after parents; nothing if a tree has more than `samples`.
std::optional<Rows> add_up(const ForestArrays& forest, Rows rows, std::uint32_t samples) {
  for (std::size_t i = rows.size(); i-- > 0;) {
    if (forest.left[i] == 0) continue;
    const std::uint64_t sum = std::uint64_t{rows[forest.left[i]]} + rows[forest.right[i]];
    if (sum > samples) return std::nullopt;
    rows[i] = static_cast<std::uint32_t>(sum);
  }
  return rows;
}

std::optional<Rows> from_hitrates(const LaidTrees& trees, std::uint32_t samples) {
  Rows rows;
  for (const double rate : trees.hitrate) {
    if (!(rate >= 1 && rate <= samples && std::floor(rate) == rate)) return std::nullopt;
    rows.push_back(static_cast<std::uint32_t>(rate));
  }
  auto sums = add_up(trees.forest, rows, samples);
  return sums == rows ? sums : std::nullopt;
}

std::optional<Rows> from_values(const LaidTrees& trees, const std::vector<double>& values, std::uint32_t samples,
                                DepthFormula formula) {
  Rows rows(values.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (trees.forest.left[i] != 0) continue;
    const auto of_leaf = rows_of_depth(values[i] - trees.depth[i], formula, kTolerance * std::max(1.0, values[i]));
    if (!of_leaf || *of_leaf > samples) return std::nullopt;
    rows[i] = *of_leaf;
  }
  return add_up(trees.forest, std::move(rows), samples);
}

}  // namespace

double paper_depth(std::uint32_t rows) { return rows == 2 ? 2 * kEulerGamma - 1 : average_depth(rows); }

double harmonic_depth(std::uint32_t rows) {
  if (rows <= 1) return 0;
  const double n = rows;
  return 2 * (std::log(n) + kEulerGamma + 1 / (2 * n) - 1 / (12 * n * n) - 1);
}

std::optional<std::uint32_t> rows_of_depth(double depth, DepthFormula formula, double tolerance) {
  std::uint32_t below = 1, above = std::numeric_limits<std::uint32_t>::max();
  if (!(depth >= -tolerance) || depth > formula(above)) return std::nullopt;
  while (above - below > 1) {  // c(below) <= depth <= c(above)
    const std::uint32_t middle = below + (above - below) / 2;
    (formula(middle) <= depth ? below : above) = middle;
  }
  const auto distance = [&](std::uint32_t rows) { return std::abs(formula(rows) - depth); };
  const std::uint32_t nearest = distance(below) <= distance(above) ? below : above;
  if (distance(nearest) > tolerance) return std::nullopt;
  return nearest;
}

std::vector<std::uint32_t> find_rows(const LaidTrees& trees, const std::vector<double>& values, bool has_hitrates,
                                     std::uint32_t samples) {
  if (has_hitrates)
    if (auto rows = from_hitrates(trees, samples)) return *rows;
  for (const DepthFormula formula : {average_depth, paper_depth, harmonic_depth})
    if (auto rows = from_values(trees, values, samples, formula)) return *rows;
  // Unbounded: where a tree has more leaves than samples, check_forest() says so.
  return *add_up(trees.forest, Rows(values.size(), 1), std::numeric_limits<std::uint32_t>::max());
}

}  // namespace weir
