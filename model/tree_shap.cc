#include "tree_shap.h"

#include <algorithm>
#include <numeric>

#include "gauss_legendre.h"

namespace weir {
namespace {

constexpr std::uint8_t kNeither = 2;  // the row has left the path by an earlier split on the same feature

}  // namespace

struct TreeShap::Origin {
  std::size_t node, parent;
  std::uint8_t side = 0, features = 0;  // of the parent; of the path, itself included
};

struct TreeShap::Scratch {
  explicit Scratch(std::size_t splits) : sum(2 * splits + 1), inverse(splits + 1), taken(splits + 1) {}

  std::vector<Points> sum;          // by place: on the way down the path's product, on the way up the leaves' sum
  std::vector<Points> inverse;      // by split: 1 / (t + z (1 - t)) of the side that the row takes; at the end "none"
  std::vector<std::uint8_t> taken;  // by split: the side that the row takes, or kNeither
};

TreeShap::TreeShap(const ForestView& forest)
    : columns_(forest.columns), all_units_(static_cast<double>(forest.root.size()) * average_depth(forest.samples)) {
  for (std::size_t w = 0; w < rules_.size(); ++w) {
    rules_[w].resize(w + 1);
    for (std::size_t k = 0; k < (w + 1) * kLanes; ++k) {
      const auto [t, weight] = gauss_legendre(k, (w + 1) * kLanes);
      Rule& rule = rules_[w][k / kLanes];
      const std::size_t q = k % kLanes;
      rule.t[q] = t, rule.weight[q] = weight, rule.rest[q] = 1 - t, rule.rest_inverse[q] = 1 / (1 - t);
    }
  }
  const std::vector<double> expected = expected_depths(forest);
  for (std::size_t t = 0; t < forest.root.size(); ++t)
    append_tree(forest, expected[forest.root[t]], forest.root[t],
                t + 1 < forest.root.size() ? forest.root[t + 1] : forest.feature.size());
}

/// Level by level, so that few splits wait for the one before them. Less the expected depth, which no feature explains,
/// there are fewer digits to lose, and of a tree whose leaves are all alike nothing remains.
void TreeShap::append_tree(const ForestView& forest, double expected, std::size_t root, std::size_t end) {
  Tree tree{splits_.size(), (end - root) / 2, leaf_.size(), 0};
  if (tree.splits == 0) return;  // a leaf alone explains nothing
  std::vector<Origin> origins = {{root, tree.splits}};
  for (std::size_t i = 0; i < origins.size(); ++i) {
    Split split = split_at(forest, tree, origins, i);
    tree.most_features = std::max<std::size_t>(tree.most_features, origins[i].features);
    const std::size_t node = origins[i].node;
    for (const std::uint8_t side : {std::uint8_t{0}, std::uint8_t{1}}) {
      const std::size_t child = side == 0 ? forest.left[node] : forest.right[node];
      split.share[side] = static_cast<double>(forest.rows[child]) / forest.rows[node];
      const bool is_leaf = forest.is_leaf(child);
      split.child[side] =
          static_cast<std::uint32_t>(is_leaf ? tree.splits + leaf_.size() - tree.first_leaf : origins.size());
      is_leaf ? leaf_.push_back(forest.value[child] - expected) : origins.push_back({child, i, side});
    }
    splits_.push_back(split);
  }
  trees_.push_back(tree);
}

/// All but the children. Counts the path's features.
TreeShap::Split TreeShap::split_at(const ForestView& forest, const Tree& tree, std::vector<Origin>& origins,
                                   std::size_t place) const {
  Origin& origin = origins[place];
  Split split{};
  split.share_above = 1;
  split.threshold = forest.threshold[origin.node];
  split.feature = static_cast<std::uint8_t>(forest.feature[origin.node]);
  split.missing_side = forest.missing_left.empty() || forest.missing_left[origin.node] == 0;
  const Split* splits = splits_.data() + tree.first_split;
  std::size_t above = origin.parent;
  std::uint8_t side = origin.side;
  for (; above != tree.splits && splits[above].feature != split.feature; above = origins[above].parent)
    side = origins[above].side;
  const bool is_first = above == tree.splits;
  split.earlier = static_cast<std::uint32_t>(above);
  if (!is_first) split.earlier_side = side;
  if (!is_first) split.share_above = splits[above].share_above * splits[above].share[side];
  origin.features = static_cast<std::uint8_t>(is_first + (place == 0 ? 0 : origins[origin.parent].features));
  return split;
}

void TreeShap::explain(std::span<const float> rows, std::span<double> parts) const {
  std::size_t most_splits = 0;
  for (const Tree& tree : trees_) most_splits = std::max(most_splits, tree.splits);
  Scratch scratch(most_splits);
  std::vector<Points> sums(columns_);
  for (std::size_t begin = 0; begin < parts.size(); begin += columns_) {
    std::ranges::fill(sums, Points{});
    for (const Tree& tree : trees_)
      for (const Rule& rule : rules_[(tree.most_features - 1) / (2 * kLanes)])
        add_tree(tree, rule, rows.data() + begin, scratch, sums.data());
    for (std::size_t c = 0; c < columns_; ++c)
      parts[begin + c] = -std::accumulate(sums[c].begin(), sums[c].end(), 0.0) / all_units_;
  }
}

void TreeShap::add_tree(const Tree& tree, const Rule& rule, const float* row, Scratch& scratch, Points* parts) const {
  const std::span splits(splits_.data() + tree.first_split, tree.splits);
  scratch.sum[0] = rule.weight;
  scratch.inverse[tree.splits].fill(1);
  scratch.taken[tree.splits] = 0;
  spread(splits, rule, row, scratch);
  for (std::size_t k = 0; k <= tree.splits; ++k)
    for (double& x : scratch.sum[tree.splits + k]) x *= leaf_[tree.first_leaf + k];
  gather(splits, rule, scratch, parts);
}

// Below, each loop over q is one for the compiler to turn into vectors: what it writes is nothing that it reads.

void TreeShap::spread(std::span<const Split> splits, const Rule& rule, const float* row, Scratch& scratch) {
  for (std::size_t i = 0; i < splits.size(); ++i) {
    const Split& s = splits[i];
    const Points product = scratch.sum[i];
    Points taken, other;
    if (scratch.taken[s.earlier] != s.earlier_side) {
      for (std::size_t q = 0; q < kLanes; ++q) taken[q] = product[q] * s.share[0];
      for (std::size_t q = 0; q < kLanes; ++q) other[q] = product[q] * s.share[1];
      scratch.sum[s.child[0]] = taken;
      scratch.sum[s.child[1]] = other;
      scratch.taken[i] = kNeither;
      continue;
    }
    const float x = row[s.feature];
    const std::uint8_t side = x != x ? s.missing_side : !(x <= s.threshold);
    const double share = s.share_above * s.share[side], other_share = s.share_above * s.share[1 - side];
    const Points earlier = scratch.inverse[s.earlier];
    Points factor, inverse;
    for (std::size_t q = 0; q < kLanes; ++q) factor[q] = rule.t[q] + share * rule.rest[q];
    for (std::size_t q = 0; q < kLanes; ++q) inverse[q] = 1 / factor[q];
    for (std::size_t q = 0; q < kLanes; ++q) taken[q] = product[q] * earlier[q] * factor[q];
    for (std::size_t q = 0; q < kLanes; ++q) other[q] = product[q] * earlier[q] * (other_share * rule.rest[q]);
    scratch.sum[s.child[side]] = taken;
    scratch.sum[s.child[1 - side]] = other;
    scratch.inverse[i] = inverse;
    scratch.taken[i] = side;
  }
}

/// Each side of a split gives its feature the leaves' sum times (o - z) / (o t + z (1 - t)), less what an earlier split on
/// the feature claims of them. Where that one already had o = 0 the two are the same.
void TreeShap::gather(std::span<const Split> splits, const Rule& rule, Scratch& scratch, Points* parts) {
  for (std::size_t i = splits.size(); i-- > 0;) {
    const Split& s = splits[i];
    const std::uint8_t side = scratch.taken[i] == kNeither ? 0 : scratch.taken[i];
    const Points taken = scratch.sum[s.child[side]], other = scratch.sum[s.child[1 - side]];
    Points all;
    for (std::size_t q = 0; q < kLanes; ++q) all[q] = taken[q] + other[q];
    scratch.sum[i] = all;
    if (scratch.taken[i] == kNeither) continue;
    const double by_taken = 1 - s.share_above * s.share[side], by_earlier = 1 - s.share_above;
    const Points inverse = scratch.inverse[i], earlier = scratch.inverse[s.earlier];
    Points part = parts[s.feature];
    for (std::size_t q = 0; q < kLanes; ++q)
      part[q] += taken[q] * by_taken * inverse[q] - other[q] * rule.rest_inverse[q] - all[q] * by_earlier * earlier[q];
    parts[s.feature] = part;
  }
}

}  // namespace weir
