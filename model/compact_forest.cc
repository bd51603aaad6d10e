#include "compact_forest.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "forest_check.h"

namespace weir {
namespace {

constexpr std::size_t kTogether = 12;  // so that the loads of one tree do not wait for those of another
constexpr std::size_t kRows = 16;      // walked down one tree at once: its nodes are read once for all
constexpr std::uint32_t kFeature = 0x3f, kMissingLeft = 0x80;
static_assert(kMaxColumns <= kFeature + 1);

std::uint32_t link_to(std::size_t left, std::uint32_t feature, bool missing_left) {
  return static_cast<std::uint32_t>(left << 8) | (missing_left ? kMissingLeft : 0) | feature;
}

}  // namespace

CompactForest::CompactForest(const ForestView& forest) : columns_(forest.columns) {
  nodes_.reserve(forest.feature.size());
  value_.reserve(forest.feature.size());
  const std::vector<double> expected = expected_depths(forest);
  for (const std::uint32_t root : forest.root) append_tree(forest, expected, root);
}

/// Level by level, so that children are neighbours.
void CompactForest::append_tree(const ForestView& forest, const std::vector<double>& expected, std::size_t root) {
  constexpr float kAlwaysLeft = std::numeric_limits<float>::infinity();
  const std::size_t first = nodes_.size();
  std::vector<std::pair<std::size_t, std::uint8_t>> source = {{root, 0}};  // of each new node: the old one, its depth
  std::uint8_t deepest = 0;
  for (std::size_t i = 0; i < source.size(); ++i) {
    const auto [old, depth] = source[i];
    deepest = std::max(deepest, depth);
    value_.push_back(expected[old]);
    if (forest.is_leaf(old)) {
      // Any feature does; of different ones, additions of nothing do not wait for each other.
      const auto feature = static_cast<std::uint32_t>(root_.size() % forest.columns);
      nodes_.push_back({kAlwaysLeft, link_to(first + i, feature, true)});
      continue;
    }
    const bool missing_left = !forest.missing_left.empty() && forest.missing_left[old] != 0;
    nodes_.push_back({forest.threshold[old], link_to(first + source.size(), forest.feature[old], missing_left)});
    for (const std::size_t next : {forest.left[old], forest.right[old]})
      source.emplace_back(next, static_cast<std::uint8_t>(depth + 1));
  }
  root_.push_back(static_cast<std::uint32_t>(first));
  depth_.push_back(deepest);
}

template <std::size_t Count>
void CompactForest::walk_together(std::size_t tree, const float* row, double& sum) const {
  std::uint32_t at[Count];
  std::copy_n(root_.begin() + static_cast<std::ptrdiff_t>(tree), Count, at);
  const auto* depths = depth_.data() + tree;
  const unsigned deepest = *std::max_element(depths, depths + Count);
  for (unsigned level = 0; level < deepest; ++level)
#pragma GCC unroll 16
    for (std::size_t k = 0; k < Count; ++k) {
      const Node node = nodes_[at[k]];
      at[k] = (node.link >> 8) + !(row[node.link & kFeature] <= node.threshold);
    }
  for (const std::uint32_t leaf : at) sum += value_[leaf];
}

double CompactForest::sum(const float* row) const {
  double sum = 0;
  std::size_t tree = 0;
  for (; tree + kTogether <= root_.size(); tree += kTogether) walk_together<kTogether>(tree, row, sum);
  for (; tree < root_.size(); ++tree) walk_together<1>(tree, row, sum);
  return sum;
}

/// kRows rows of kMaxColumns floats: a distance that the compiler knows.
void CompactForest::walk_rows(const float* rows, double* sums) const {
  for (std::size_t tree = 0; tree < root_.size(); ++tree) {
    const Node* nodes = nodes_.data();  // a local: read through `this` it is read in each step (measured: a tenth)
    std::uint32_t at[kRows];
    std::fill_n(at, kRows, root_[tree]);
    for (unsigned level = 0; level < depth_[tree]; ++level)
#pragma GCC unroll 16
      for (std::size_t r = 0; r < kRows; ++r) {
        const Node node = nodes[at[r]];
        at[r] = (node.link >> 8) + (node.threshold < rows[r * kMaxColumns + (node.link & kFeature)]);  // a NaN stays inside
      }
    for (std::size_t r = 0; r < kRows; ++r) sums[r] += value_[at[r]];
  }
}

void CompactForest::sum(const float* rows, std::size_t count, double* sums) const {
  alignas(64) float some[kRows * kMaxColumns];  // only the columns that there are are read
  std::size_t done = 0;
  for (; done + kRows <= count; done += kRows) {
    for (std::size_t r = 0; r < kRows; ++r) {
      const std::span<const float> row(rows + (done + r) * columns_, columns_);
      std::copy(row.begin(), row.end(), some + r * kMaxColumns);
      sums[done + r] = has_nan(row) ? std::nan("") : 0;
    }
    walk_rows(some, sums + done);
  }
  for (; done < count; ++done) {
    const float* row = rows + done * columns_;
    sums[done] = has_nan({row, columns_}) ? std::nan("") : sum(row);
  }
}

template <std::size_t Count, bool kHasNaN>
void CompactForest::part_together(std::size_t tree, const float* row, double* parts) const {
  std::uint32_t at[Count];
  std::copy_n(root_.begin() + static_cast<std::ptrdiff_t>(tree), Count, at);
  const auto* depths = depth_.data() + tree;
  const unsigned deepest = *std::max_element(depths, depths + Count);
  for (unsigned level = 0; level < deepest; ++level)
#pragma GCC unroll 16
    for (std::size_t k = 0; k < Count; ++k) {
      const Node node = nodes_[at[k]];
      const std::uint32_t feature = node.link & kFeature;
      bool goes_left = row[feature] <= node.threshold;
      if (kHasNaN) goes_left |= std::isnan(row[feature]) && (node.link & kMissingLeft) != 0;
      const std::uint32_t next = (node.link >> 8) + !goes_left;
      parts[feature] += value_[at[k]] - value_[next];
      at[k] = next;
    }
}

template <bool kHasNaN>
void CompactForest::part_all(const float* row, double* parts) const {
  std::size_t tree = 0;
  for (; tree + kTogether <= root_.size(); tree += kTogether) part_together<kTogether, kHasNaN>(tree, row, parts);
  for (; tree < root_.size(); ++tree) part_together<1, kHasNaN>(tree, row, parts);
}

void CompactForest::add_parts(std::span<const float> row, std::span<double> parts) const {
  has_nan(row) ? part_all<true>(row.data(), parts.data()) : part_all<false>(row.data(), parts.data());
}

double CompactForest::expected_sum() const {
  double sum = 0;
  for (const std::uint32_t root : root_) sum += value_[root];
  return sum;
}

}  // namespace weir
