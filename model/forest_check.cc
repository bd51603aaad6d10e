#include "forest_check.h"

#include <cerrno>
#include <cmath>
#include <string>
#include <vector>

namespace weir {
namespace {

auto bad(const char* array, std::size_t place, const std::string& what) {
  return fail(EBADMSG, std::string(array) + "[" + std::to_string(place) + "]: " + what);
}

[[nodiscard]] Result<void> check_sizes(const ForestView& f) {
  const std::size_t nodes = f.feature.size();
  if (f.root.empty() || f.root.size() > kMaxTrees)
    return fail(EBADMSG, "root: " + std::to_string(f.root.size()) + " trees, expected 1 to " + std::to_string(kMaxTrees));
  if (f.threshold.size() != nodes || f.left.size() != nodes || f.right.size() != nodes || f.rows.size() != nodes ||
      f.value.size() != nodes)
    return fail(EBADMSG, "feature, threshold, left, right, rows, value: they differ in length");
  if (!f.missing_left.empty() && f.missing_left.size() != nodes)
    return fail(EBADMSG, "missing_left: another length than the other arrays of nodes");
  if (nodes > kMaxNodes)
    return fail(EBADMSG, "feature: " + std::to_string(nodes) + " nodes, at most " + std::to_string(kMaxNodes));
  if (f.columns < 1 || f.columns > kMaxColumns)
    return fail(EBADMSG, "features: " + std::to_string(f.columns) + ", expected 1 to " + std::to_string(kMaxColumns));
  if (f.samples < 2) return fail(EBADMSG, "samples: " + std::to_string(f.samples) + ", expected at least 2");
  return {};
}

/// Trees follow one another without a gap and each has a node at least.
[[nodiscard]] Result<void> check_roots(const ForestView& f) {
  for (std::size_t t = 0; t < f.root.size(); ++t) {
    if (t == 0 && f.root[t] != 0) return bad("root", t, "the first tree does not begin at node 0");
    if (t > 0 && f.root[t] <= f.root[t - 1]) return bad("root", t, "not after the tree before it");
    if (f.root[t] >= f.feature.size()) return bad("root", t, "behind the last node");
    // Fewer, where samples were drawn with replacement and are counted once.
    if (f.rows[f.root[t]] > f.samples) return bad("rows", f.root[t], "a root that more than all samples came through");
  }
  return {};
}

[[nodiscard]] Result<void> check_leaf(const ForestView& f, std::size_t i) {
  if (f.right[i] != 0) return bad("right", i, "a leaf with a child");
  if (!std::isfinite(f.value[i]) || f.value[i] < 0) return bad("value", i, "not a finite number of at least 0");
  return {};
}

[[nodiscard]] Result<void> check_child(const char* array, std::size_t parent, std::size_t child, std::size_t end) {
  if (child <= parent) return bad(array, parent, "child " + std::to_string(child) + " is not after its parent");
  if (child >= end) return bad(array, parent, "child " + std::to_string(child) + " is outside of its tree");
  return {};
}

[[nodiscard]] Result<void> check_split(const ForestView& f, std::size_t i, std::size_t end) {
  if (auto ok = check_child("left", i, f.left[i], end); !ok) return ok;
  if (auto ok = check_child("right", i, f.right[i], end); !ok) return ok;
  if (f.feature[i] >= f.columns) return bad("feature", i, "no such feature: " + std::to_string(f.feature[i]));
  if (!std::isfinite(f.threshold[i])) return bad("threshold", i, "not a finite number");
  const std::uint64_t below = std::uint64_t{f.rows[f.left[i]]} + f.rows[f.right[i]];
  if (f.rows[i] != below) return bad("rows", i, "not the sum of its children's");
  return {};
}

/// Parents come first, so by the time a node is reached its depth and the number of its parents are final.
[[nodiscard]] Result<void> check_tree(const ForestView& f, std::size_t begin, std::size_t end) {
  std::vector<unsigned> parents(end - begin), depth(end - begin);
  for (std::size_t i = begin; i < end; ++i) {
    if (i > begin && parents[i - begin] != 1)
      return bad("left, right", i, "node with " + std::to_string(parents[i - begin]) + " parents, expected 1");
    if (f.rows[i] == 0) return bad("rows", i, "a node that no row came through");
    if (f.is_leaf(i)) {
      if (auto ok = check_leaf(f, i); !ok) return ok;
      continue;
    }
    if (depth[i - begin] == kMaxTreeDepth) return bad("left", i, "deeper than " + std::to_string(kMaxTreeDepth));
    if (auto ok = check_split(f, i, end); !ok) return ok;
    for (const std::size_t child : {f.left[i], f.right[i]}) {
      ++parents[child - begin];
      depth[child - begin] = depth[i - begin] + 1;
    }
  }
  return {};
}

}  // namespace

Result<void> check_forest(const ForestView& forest) {
  if (auto ok = check_sizes(forest); !ok) return ok;
  if (auto ok = check_roots(forest); !ok) return ok;
  for (std::size_t t = 0; t < forest.root.size(); ++t) {
    const std::size_t end = t + 1 < forest.root.size() ? forest.root[t + 1] : forest.feature.size();
    if (auto ok = check_tree(forest, forest.root[t], end); !ok) return ok;
  }
  return {};
}

}  // namespace weir
