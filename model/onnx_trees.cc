#include "onnx_trees.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <string>
#include <utility>

#include "forest_check.h"
#include "onnx.pb.h"
#include "onnx_attributes.h"

namespace weir {
namespace {

constexpr const char* kComparisons[] = {"BRANCH_LEQ", "BRANCH_LT",  "BRANCH_GTE",   "BRANCH_GT",
                                        "BRANCH_EQ",  "BRANCH_NEQ", "BRANCH_MEMBER"};
constexpr std::size_t kKnownComparisons = 4;  // the others are no order of values, which a forest splits by
constexpr std::size_t kMaxTargets = 8;        // an export of ours has 3

auto bad(const std::string& array, std::size_t place, const std::string& what) {
  return fail(EBADMSG, array + "[" + std::to_string(place) + "]: " + what);
}

// --- what both operators have ---

[[nodiscard]] Result<void> check_length(const std::string& array, std::size_t length, std::size_t expected) {
  if (length == expected) return {};
  return fail(EBADMSG, array + ": " + std::to_string(length) + " elements, expected " + std::to_string(expected));
}

[[nodiscard]] Result<std::size_t> read_targets(std::int64_t count) {
  if (count < 1 || count > static_cast<std::int64_t>(kMaxTargets))
    return fail(EBADMSG, "n_targets: " + std::to_string(count) + ", expected 1 to " + std::to_string(kMaxTargets));
  return static_cast<std::size_t>(count);
}

[[nodiscard]] Result<OnnxComparison> read_comparison(std::size_t place, std::size_t number) {
  if (number < kKnownComparisons) return static_cast<OnnxComparison>(number);
  return bad("nodes_modes", place, std::string(kComparisons[number]) + " is no comparison that a forest has");
}

// --- TreeEnsembleRegressor ---

using NodeId = std::pair<std::int64_t, std::int64_t>;  // tree, node

struct RegressorTables {
  std::vector<std::int64_t> tree, id, feature, when_true, when_false, missing;
  std::vector<std::string> mode;
  std::vector<double> threshold, hitrate;
  std::vector<std::int64_t> target_tree, target_node, target;
  std::vector<double> weight;
};

[[nodiscard]] Result<void> check_lengths(const RegressorTables& t) {
  const std::size_t nodes = t.id.size();
  if (nodes == 0) return fail(EBADMSG, "nodes_nodeids: no nodes");
  if (nodes > kMaxNodes) return fail(EBADMSG, "nodes_nodeids: more than " + std::to_string(kMaxNodes));
  if (auto ok = check_length("nodes_treeids", t.tree.size(), nodes); !ok) return ok;
  if (auto ok = check_length("nodes_featureids", t.feature.size(), nodes); !ok) return ok;
  if (auto ok = check_length("nodes_modes", t.mode.size(), nodes); !ok) return ok;
  if (auto ok = check_length("nodes_values", t.threshold.size(), nodes); !ok) return ok;
  if (auto ok = check_length("nodes_truenodeids", t.when_true.size(), nodes); !ok) return ok;
  if (auto ok = check_length("nodes_falsenodeids", t.when_false.size(), nodes); !ok) return ok;
  if (!t.missing.empty())
    if (auto ok = check_length("nodes_missing_value_tracks_true", t.missing.size(), nodes); !ok) return ok;
  if (!t.hitrate.empty())
    if (auto ok = check_length("nodes_hitrates", t.hitrate.size(), nodes); !ok) return ok;
  if (auto ok = check_length("target_treeids", t.target_tree.size(), t.weight.size()); !ok) return ok;
  if (auto ok = check_length("target_nodeids", t.target_node.size(), t.weight.size()); !ok) return ok;
  return check_length("target_ids", t.target.size(), t.weight.size());
}

[[nodiscard]] Result<std::size_t> find_child(const std::map<NodeId, std::size_t>& places, const char* array, std::size_t i,
                                             NodeId child) {
  const auto it = places.find(child);
  if (it == places.end()) return bad(array, i, "its tree has no node " + std::to_string(child.second));
  return it->second;
}

[[nodiscard]] Result<OnnxTreeNode> read_branch(const RegressorTables& t, const std::map<NodeId, std::size_t>& places,
                                               std::size_t i) {
  std::size_t mode = 0;
  while (mode < std::size(kComparisons) && t.mode[i] != kComparisons[mode]) ++mode;
  if (mode == std::size(kComparisons)) return bad("nodes_modes", i, "'" + shown(t.mode[i]) + "' is not understood");
  const auto comparison = read_comparison(i, mode);
  if (!comparison) return tl::make_unexpected(comparison.error());
  if (t.feature[i] < 0 || t.feature[i] >= std::int64_t{kMaxColumns})
    return bad("nodes_featureids", i,
               "column " + std::to_string(t.feature[i]) + ", expected 0 to " + std::to_string(kMaxColumns - 1));
  const auto when_true = find_child(places, "nodes_truenodeids", i, {t.tree[i], t.when_true[i]});
  if (!when_true) return tl::make_unexpected(when_true.error());
  const auto when_false = find_child(places, "nodes_falsenodeids", i, {t.tree[i], t.when_false[i]});
  if (!when_false) return tl::make_unexpected(when_false.error());
  return OnnxTreeNode{.comparison = *comparison,
                      .feature = static_cast<std::size_t>(t.feature[i]),
                      .threshold = t.threshold[i],
                      .when_true = *when_true,
                      .when_false = *when_false};
}

/// Each leaf has one weight a target.
[[nodiscard]] Result<void> add_weights(const RegressorTables& t, const std::map<NodeId, std::size_t>& places,
                                       OnnxTrees& trees) {
  std::vector<std::size_t> seen(trees.nodes.size());  // a bit a target
  for (std::size_t i = 0; i < t.weight.size(); ++i) {
    const auto it = places.find({t.target_tree[i], t.target_node[i]});
    if (it == places.end() || !trees.nodes[it->second].is_leaf) return bad("target_nodeids", i, "no such leaf");
    if (t.target[i] < 0 || t.target[i] >= static_cast<std::int64_t>(trees.targets))
      return bad("target_ids", i, "not below n_targets");
    const std::size_t bit = std::size_t{1} << t.target[i];
    if ((seen[it->second] & bit) != 0) return bad("target_nodeids", i, "a second weight for the same leaf and target");
    seen[it->second] |= bit;
    trees.nodes[it->second].weight += t.weight[i];
  }
  for (std::size_t i = 0; i < seen.size(); ++i)
    if (trees.nodes[i].is_leaf && seen[i] + 1 != std::size_t{1} << trees.targets)
      return bad("nodes_nodeids", i, "a leaf without a weight for each target");
  return {};
}

[[nodiscard]] Result<OnnxTrees> join(const RegressorTables& t, OnnxTrees trees) {
  std::map<NodeId, std::size_t> places;
  for (std::size_t i = 0; i < t.id.size(); ++i) {
    if (!places.emplace(NodeId{t.tree[i], t.id[i]}, i).second) return bad("nodes_nodeids", i, "twice in its tree");
    if (i > 0 && t.tree[i] < t.tree[i - 1]) return bad("nodes_treeids", i, "below the one before it");
    // Runtimes disagree where a tree begins if not at its first node.
    if ((i == 0 || t.tree[i] != t.tree[i - 1]) != (t.id[i] == 0))
      return bad("nodes_nodeids", i, "a tree begins with node 0");
    if (t.id[i] == 0) trees.roots.push_back(i);
  }
  for (std::size_t i = 0; i < t.id.size(); ++i) {
    Result<OnnxTreeNode> node = OnnxTreeNode{.is_leaf = true};
    if (t.mode[i] != "LEAF") node = read_branch(t, places, i);
    if (!node) return tl::make_unexpected(node.error());
    node->is_missing_true = !t.missing.empty() && t.missing[i] != 0;
    node->hitrate = t.hitrate.empty() ? 0 : t.hitrate[i];
    trees.nodes.push_back(*node);
  }
  if (auto ok = add_weights(t, places, trees); !ok) return tl::make_unexpected(ok.error());
  return trees;
}

// --- TreeEnsemble ---

struct EnsembleTables {
  std::vector<std::int64_t> root, feature, when_true, when_false, true_is_leaf, false_is_leaf, missing, leaf_target;
  std::vector<double> mode, threshold, weight;
};

[[nodiscard]] Result<void> check_lengths(const EnsembleTables& t) {
  const std::size_t nodes = t.feature.size();
  if (t.root.empty()) return fail(EBADMSG, "tree_roots: no trees");
  if (nodes + t.weight.size() > kMaxNodes) return fail(EBADMSG, "nodes_featureids: more than " + std::to_string(kMaxNodes));
  if (auto ok = check_length("nodes_modes", t.mode.size(), nodes); !ok) return ok;
  if (auto ok = check_length("nodes_splits", t.threshold.size(), nodes); !ok) return ok;
  if (auto ok = check_length("nodes_truenodeids", t.when_true.size(), nodes); !ok) return ok;
  if (auto ok = check_length("nodes_trueleafs", t.true_is_leaf.size(), nodes); !ok) return ok;
  if (auto ok = check_length("nodes_falsenodeids", t.when_false.size(), nodes); !ok) return ok;
  if (auto ok = check_length("nodes_falseleafs", t.false_is_leaf.size(), nodes); !ok) return ok;
  if (!t.missing.empty())
    if (auto ok = check_length("nodes_missing_value_tracks_true", t.missing.size(), nodes); !ok) return ok;
  return check_length("leaf_targetids", t.leaf_target.size(), t.weight.size());
}

/// Leaves come behind the nodes.
[[nodiscard]] Result<std::size_t> read_child(const EnsembleTables& t, const char* array, std::size_t i, std::int64_t child,
                                             bool is_leaf) {
  const std::size_t count = is_leaf ? t.weight.size() : t.feature.size();
  if (child < 0 || static_cast<std::size_t>(child) >= count) return bad(array, i, "there is no " + std::to_string(child));
  return static_cast<std::size_t>(child) + (is_leaf ? t.feature.size() : 0);
}

[[nodiscard]] Result<OnnxTreeNode> read_branch(const EnsembleTables& t, std::size_t i) {
  if (!(t.mode[i] >= 0 && t.mode[i] < static_cast<double>(std::size(kComparisons))))
    return bad("nodes_modes", i, "no comparison");
  const auto comparison = read_comparison(i, static_cast<std::size_t>(t.mode[i]));
  if (!comparison) return tl::make_unexpected(comparison.error());
  if (t.feature[i] < 0 || t.feature[i] >= std::int64_t{kMaxColumns})
    return bad("nodes_featureids", i,
               "column " + std::to_string(t.feature[i]) + ", expected 0 to " + std::to_string(kMaxColumns - 1));
  const auto when_true = read_child(t, "nodes_truenodeids", i, t.when_true[i], t.true_is_leaf[i] != 0);
  if (!when_true) return tl::make_unexpected(when_true.error());
  const auto when_false = read_child(t, "nodes_falsenodeids", i, t.when_false[i], t.false_is_leaf[i] != 0);
  if (!when_false) return tl::make_unexpected(when_false.error());
  return OnnxTreeNode{.comparison = *comparison,
                      .feature = static_cast<std::size_t>(t.feature[i]),
                      .threshold = t.threshold[i],
                      .when_true = *when_true,
                      .when_false = *when_false,
                      .is_missing_true = !t.missing.empty() && t.missing[i] != 0};
}

[[nodiscard]] Result<OnnxTrees> join(const EnsembleTables& t, OnnxTrees trees) {
  for (std::size_t i = 0; i < t.root.size(); ++i) {
    if (t.root[i] < 0 || static_cast<std::size_t>(t.root[i]) >= t.feature.size())
      return bad("tree_roots", i, "there is no node " + std::to_string(t.root[i]));
    trees.roots.push_back(static_cast<std::size_t>(t.root[i]));
  }
  for (std::size_t i = 0; i < t.feature.size(); ++i) {
    const auto node = read_branch(t, i);
    if (!node) return tl::make_unexpected(node.error());
    trees.nodes.push_back(*node);
  }
  for (std::size_t i = 0; i < t.weight.size(); ++i) {
    if (t.leaf_target[i] != 0) return bad("leaf_targetids", i, "not 0, the only target");
    trees.nodes.push_back({.is_leaf = true, .weight = t.weight[i]});
  }
  return trees;
}

}  // namespace

Result<OnnxTrees> read_tree_ensemble_regressor(const onnx::Node& node) {
  OnnxAttributes attributes(node);
  RegressorTables t;
  t.tree = attributes.numbers("nodes_treeids");
  t.id = attributes.numbers("nodes_nodeids");
  t.feature = attributes.numbers("nodes_featureids");
  t.mode = attributes.texts("nodes_modes");
  t.threshold = attributes.reals("nodes_values");
  t.when_true = attributes.numbers("nodes_truenodeids");
  t.when_false = attributes.numbers("nodes_falsenodeids");
  t.missing = attributes.numbers("nodes_missing_value_tracks_true");
  t.hitrate = attributes.reals("nodes_hitrates");
  t.target_tree = attributes.numbers("target_treeids");
  t.target_node = attributes.numbers("target_nodeids");
  t.target = attributes.numbers("target_ids");
  t.weight = attributes.reals("target_weights");
  const std::string aggregate = attributes.text("aggregate_function", "SUM");
  const std::string post = attributes.text("post_transform", "NONE");
  const std::vector<double> base = attributes.reals("base_values");
  const auto targets = read_targets(attributes.number("n_targets", 1));
  if (auto ok = attributes.result(); !ok) return tl::make_unexpected(ok.error());
  if (!targets) return tl::make_unexpected(targets.error());
  if (aggregate != "SUM" && aggregate != "AVERAGE") return fail(EBADMSG, "aggregate_function: " + shown(aggregate));
  if (post != "NONE") return fail(EBADMSG, "post_transform: " + shown(post));
  if (std::ranges::any_of(base, [](double x) { return x != 0; })) return fail(EBADMSG, "base_values: not 0");
  if (auto ok = check_lengths(t); !ok) return tl::make_unexpected(ok.error());
  return join(t, {.targets = *targets,
                  .is_average = aggregate == "AVERAGE",
                  .has_missing = !t.missing.empty(),
                  .has_hitrates = !t.hitrate.empty()});
}

Result<OnnxTrees> read_tree_ensemble(const onnx::Node& node) {
  constexpr std::int64_t kAverage = 0, kSum = 1, kNoTransform = 0;
  OnnxAttributes attributes(node);
  EnsembleTables t;
  t.root = attributes.numbers("tree_roots");
  t.feature = attributes.numbers("nodes_featureids");
  t.mode = attributes.tensor("nodes_modes");
  t.threshold = attributes.tensor("nodes_splits");
  t.when_true = attributes.numbers("nodes_truenodeids");
  t.true_is_leaf = attributes.numbers("nodes_trueleafs");
  t.when_false = attributes.numbers("nodes_falsenodeids");
  t.false_is_leaf = attributes.numbers("nodes_falseleafs");
  t.missing = attributes.numbers("nodes_missing_value_tracks_true");
  t.leaf_target = attributes.numbers("leaf_targetids");
  t.weight = attributes.tensor("leaf_weights");
  attributes.ignore("nodes_hitrates");
  const std::int64_t aggregate = attributes.number("aggregate_function", kSum);
  const std::int64_t post = attributes.number("post_transform", kNoTransform);
  const std::int64_t targets = attributes.number("n_targets", 1);
  if (auto ok = attributes.result(); !ok) return tl::make_unexpected(ok.error());
  if (targets != 1) return fail(EBADMSG, "n_targets: " + std::to_string(targets) + ", expected 1");
  if (aggregate != kSum && aggregate != kAverage) return fail(EBADMSG, "aggregate_function: " + std::to_string(aggregate));
  if (post != kNoTransform) return fail(EBADMSG, "post_transform: " + std::to_string(post));
  if (auto ok = check_lengths(t); !ok) return tl::make_unexpected(ok.error());
  return join(t, {.is_average = aggregate == kAverage, .has_missing = !t.missing.empty()});
}

}  // namespace weir
