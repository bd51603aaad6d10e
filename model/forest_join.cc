#include "forest_join.h"

#include <cstdint>
#include <span>
#include <vector>

namespace weir {
namespace {

void append(std::vector<std::uint32_t>& to, std::span<const std::uint32_t> nodes, std::uint32_t shift) {
  for (const std::uint32_t node : nodes) to.push_back(node + shift);
}

}  // namespace

void append_trees(const ForestView& from, std::size_t first, ForestArrays& to) {
  if (first == from.root.size()) return;
  const std::size_t begin = from.root[first];
  const auto shift = static_cast<std::uint32_t>(to.feature.size() - begin);  // wraps where trees move to the front
  append(to.root, from.root.subspan(first), shift);
  const auto copy = [begin](auto& array, const auto& nodes) {
    array.insert(array.end(), nodes.begin() + static_cast<std::ptrdiff_t>(begin), nodes.end());
  };
  copy(to.feature, from.feature);
  copy(to.threshold, from.threshold);
  copy(to.rows, from.rows);
  copy(to.value, from.value);
  if (!from.missing_left.empty()) copy(to.missing_left, from.missing_left);
  for (std::size_t i = begin; i < from.left.size(); ++i) {
    to.left.push_back(from.is_leaf(i) ? 0 : from.left[i] + shift);
    to.right.push_back(from.is_leaf(i) ? 0 : from.right[i] + shift);
  }
}

ForestArrays replace_oldest(const ForestView& forest, const ForestView& fresh) {
  ForestArrays renewed;
  renewed.columns = forest.columns;
  renewed.samples = forest.samples;
  append_trees(forest, fresh.root.size(), renewed);
  append_trees(fresh, 0, renewed);
  return renewed;
}

}  // namespace weir
