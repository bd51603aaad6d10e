#include "onnx_rows.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace weir {
namespace {

constexpr double kTolerance = 1e-6;              // files hold 32-bit floats, whose half unit is 6e-8
constexpr double kPaperDepthOfTwo = 0.15443133;  // c(2) by the paper's formula, which LinkedIn's forests have

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

std::optional<std::uint32_t> rows_of_leaf(double value, unsigned depth, double depth_of_two) {
  const double rest = value - depth;
  const double tolerance = kTolerance * std::max(1.0, value);
  if (std::abs(rest) <= tolerance) return 1;
  if (std::abs(rest - depth_of_two) <= tolerance) return 2;
  const auto rows = rest > 1 + tolerance ? rows_of_depth(rest) : std::nullopt;
  return rows && *rows > 2 && std::abs(average_depth(*rows) - rest) <= tolerance ? rows : std::nullopt;
}

std::optional<Rows> from_values(const LaidTrees& trees, std::uint32_t samples, double depth_of_two) {
  Rows rows(trees.depth.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (trees.forest.left[i] != 0) continue;
    const auto of_leaf = rows_of_leaf(trees.forest.value[i], trees.depth[i], depth_of_two);
    if (!of_leaf || *of_leaf > samples) return std::nullopt;
    rows[i] = *of_leaf;
  }
  return add_up(trees.forest, std::move(rows), samples);
}

}  // namespace

std::optional<std::uint32_t> rows_of_depth(double depth) {
  if (!(depth >= 0) || depth > average_depth(std::numeric_limits<std::uint32_t>::max())) return std::nullopt;
  std::uint32_t below = 1, above = std::numeric_limits<std::uint32_t>::max();  // c(below) <= depth <= c(above)
  while (above - below > 1) {
    const std::uint32_t middle = below + (above - below) / 2;
    (average_depth(middle) <= depth ? below : above) = middle;
  }
  const auto distance = [depth](std::uint32_t rows) { return std::abs(average_depth(rows) - depth); };
  const std::uint32_t nearest = distance(below) <= distance(above) ? below : above;
  if (distance(nearest) > kTolerance * std::max(1.0, depth)) return std::nullopt;
  return nearest;
}

std::vector<std::uint32_t> find_rows(const LaidTrees& trees, bool has_hitrates, std::uint32_t samples) {
  if (has_hitrates)
    if (auto rows = from_hitrates(trees, samples)) return *rows;
  for (const double depth_of_two : {average_depth(2), kPaperDepthOfTwo})
    if (auto rows = from_values(trees, samples, depth_of_two)) return *rows;
  // Unbounded: where a tree has more leaves than samples, check_forest() says so.
  return *add_up(trees.forest, Rows(trees.depth.size(), 1), std::numeric_limits<std::uint32_t>::max());
}

}  // namespace weir
