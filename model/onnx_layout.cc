#include "onnx_layout.h"

#include <cerrno>
#include <cmath>
#include <limits>
#include <string>

#include "forest_check.h"

namespace weir {
namespace {

float float_not_above(double x) {
  const auto nearest = static_cast<float>(x);
  return static_cast<double>(nearest) > x ? std::nextafter(nearest, -std::numeric_limits<float>::infinity()) : nearest;
}

/// x < t is x <= the float before t; where t is no float, float_not_above() is below it already.
float float_below(double x) {
  const float not_above = float_not_above(x);
  return static_cast<double>(not_above) < x ? not_above : std::nextafter(not_above, -std::numeric_limits<float>::infinity());
}

struct Placed {
  std::size_t source;  // in OnnxTrees
  std::size_t parent;  // in the new order; of a root itself
  bool is_right;
  unsigned depth;
};

bool is_turned(const OnnxTreeNode& node) {
  return node.comparison == OnnxComparison::kGt || node.comparison == OnnxComparison::kGte;
}

/// The leaf that a node is: TreeEnsemble writes a tree of one leaf as a node with that leaf on both sides.
const OnnxTreeNode* as_leaf(const OnnxTrees& trees, const OnnxTreeNode& node) {
  if (node.is_leaf) return &node;
  const OnnxTreeNode& child = trees.nodes[node.when_true];
  return node.when_true == node.when_false && child.is_leaf ? &child : nullptr;
}

[[nodiscard]] Result<void> mark(const OnnxTrees& trees, std::size_t source, std::vector<bool>& is_placed) {
  const bool is_leaf = trees.nodes[source].is_leaf;
  if (is_placed[source]) return fail(EBADMSG, (is_leaf ? "leaf " : "node ") + std::to_string(source) + ": reached twice");
  is_placed[source] = true;
  return {};
}

/// Appends a tree, a parent before its children, the left subtree before the right one.
[[nodiscard]] Result<void> order_tree(const OnnxTrees& trees, std::size_t root, std::vector<bool>& is_placed,
                                      std::vector<Placed>& order) {
  std::vector<Placed> waiting = {{root, order.size(), false, 0}};
  while (!waiting.empty()) {
    const Placed next = waiting.back();
    waiting.pop_back();
    if (auto ok = mark(trees, next.source, is_placed); !ok) return ok;
    const std::size_t place = order.size();
    order.push_back(next);
    const OnnxTreeNode& node = trees.nodes[next.source];
    if (as_leaf(trees, node) != nullptr) {
      if (!node.is_leaf) is_placed[node.when_true] = true;
      continue;
    }
    if (next.depth == kMaxTreeDepth)
      return fail(EBADMSG, "node " + std::to_string(next.source) + ": deeper than " + std::to_string(kMaxTreeDepth));
    const bool is_swapped = is_turned(node);
    waiting.push_back({is_swapped ? node.when_true : node.when_false, place, true, next.depth + 1});
    waiting.push_back({is_swapped ? node.when_false : node.when_true, place, false, next.depth + 1});
  }
  return {};
}

float folded_threshold(const OnnxTreeNode& node) {
  const bool is_strict = node.comparison == OnnxComparison::kLt || node.comparison == OnnxComparison::kGte;
  return is_strict ? float_below(node.threshold) : float_not_above(node.threshold);
}

void append(const OnnxTrees& trees, const Placed& placed, LaidTrees& out) {
  ForestArrays& forest = out.forest;
  const auto place = static_cast<std::uint32_t>(forest.left.size());
  const OnnxTreeNode& node = trees.nodes[placed.source];
  const OnnxTreeNode* leaf = as_leaf(trees, node);
  if (placed.parent != place) (placed.is_right ? forest.right : forest.left)[placed.parent] = place;
  forest.left.push_back(0);
  forest.right.push_back(0);
  forest.feature.push_back(leaf != nullptr ? std::uint16_t{0} : static_cast<std::uint16_t>(node.feature));
  forest.threshold.push_back(leaf != nullptr ? 0 : folded_threshold(node));
  forest.value.push_back(leaf != nullptr ? leaf->weight : 0);
  if (trees.has_missing) forest.missing_left.push_back(leaf == nullptr && node.is_missing_true != is_turned(node) ? 1 : 0);
  out.hitrate.push_back(node.hitrate);
  out.depth.push_back(placed.depth);
}

}  // namespace

Result<LaidTrees> lay_out(const OnnxTrees& trees) {
  std::vector<bool> is_placed(trees.nodes.size());
  std::vector<Placed> order;
  LaidTrees out;
  for (const std::size_t root : trees.roots) {
    out.forest.root.push_back(static_cast<std::uint32_t>(order.size()));
    if (auto ok = order_tree(trees, root, is_placed, order); !ok) return tl::make_unexpected(ok.error());
  }
  for (std::size_t i = 0; i < is_placed.size(); ++i)
    if (!is_placed[i])
      return fail(EBADMSG, (trees.nodes[i].is_leaf ? "leaf " : "node ") + std::to_string(i) + ": no tree has it");
  for (const Placed& placed : order) append(trees, placed, out);
  return out;
}

}  // namespace weir
