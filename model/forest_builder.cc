#include "forest_builder.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

#include "forest_check.h"
#include "forest_join.h"
#include "random.h"

namespace weir {
namespace {

/// Which of the numbers were drawn: open addressing, at most half full.
class DrawnNumbers {
 public:
  explicit DrawnNumbers(std::size_t most) : slots_(std::bit_ceil(2 * most + 2), kNone) {}

  /// False if it is there already.
  bool insert(std::uint32_t number) {
    const std::size_t mask = slots_.size() - 1;
    const std::uint32_t hash = number * 0x9E3779B1U;
    std::size_t at = hash & mask;
    for (; slots_[at] != kNone; at = (at + 1) & mask)
      if (slots_[at] == number) return false;
    slots_[at] = number;
    return true;
  }
  void clear() { std::ranges::fill(slots_, kNone); }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  std::vector<std::uint32_t> slots_;
};

/// What all trees of a forest have in common.
struct Plan {
  Plan(const RowTable& t, std::span<const std::uint32_t> r, const GrowOptions& o)
      : table(t),
        rows(r),
        options(o),
        count(static_cast<std::uint32_t>(r.empty() ? t.rows() : r.size())),
        samples(std::min(o.samples, count)),
        depth_limit(static_cast<unsigned>(std::bit_width(samples - 1))) {
    for (std::uint32_t n = 0; n <= samples; ++n) average.push_back(average_depth(n));
  }

  const float* row(std::uint32_t place) const { return table.row(rows.empty() ? place : rows[place]); }

  const RowTable& table;
  std::span<const std::uint32_t> rows;  // none: all
  const GrowOptions& options;
  std::uint32_t count, samples;
  unsigned depth_limit;         // ceil(log2(samples)): beyond it only ordinary rows are told from one another
  std::vector<double> average;  // by rows: average_depth
};

/// Grows trees at the end of its own arrays.
class Grower {
 public:
  explicit Grower(const Plan& plan)
      : plan_(plan), drawn_(plan.samples), values_(std::size_t{plan.table.columns} * plan.samples), order_(plan.samples) {
    forest_.columns = plan.table.columns;
    forest_.samples = plan.samples;
  }

  void grow(std::uint64_t tree) {
    Random random(plan_.options.seed, tree);
    draw_rows(random);
    std::iota(order_.begin(), order_.end(), 0U);
    forest_.root.push_back(static_cast<std::uint32_t>(forest_.feature.size()));
    grow_node(0, plan_.samples, 0, 0, random);
  }

  ForestArrays take() { return std::move(forest_); }

 private:
  /// Without replacement (Floyd: Programming Pearls, CACM 1987): one draw for each, no shuffling of rows that are not
  /// taken. Column by column into a place that fits the nearest cache.
  void draw_rows(Random& random) {
    drawn_.clear();
    for (std::uint32_t i = 0; i < plan_.samples; ++i) {
      const std::uint32_t last = plan_.count - plan_.samples + i;
      std::uint32_t pick = random.below(last + 1);
      if (!drawn_.insert(pick)) drawn_.insert(pick = last);
      order_[i] = pick;
    }
    for (std::uint32_t i = 0; i < plan_.samples; ++i) {
      const float* row = plan_.row(order_[i]);
      for (std::size_t c = 0; c < plan_.table.columns; ++c) values_[c * plan_.samples + i] = row[c];
    }
  }

  std::uint32_t grow_node(std::uint32_t begin, std::uint32_t end, unsigned depth, std::uint64_t constant, Random& random) {
    const std::uint32_t node = add_leaf(end - begin, depth);
    if (end - begin < 2 || depth == plan_.depth_limit || !choose_split(begin, end, node, constant, random)) return node;
    const std::uint32_t middle = partition(begin, end, node);
    const std::uint32_t left = grow_node(begin, middle, depth + 1, constant, random);
    const std::uint32_t right = grow_node(middle, end, depth + 1, constant, random);
    forest_.left[node] = left;
    forest_.right[node] = right;
    forest_.value[node] = 0;
    return node;
  }

  /// A split turns it into an inner node later.
  std::uint32_t add_leaf(std::uint32_t rows, unsigned depth) {
    forest_.feature.push_back(0);
    forest_.threshold.push_back(0);
    forest_.left.push_back(0);
    forest_.right.push_back(0);
    forest_.rows.push_back(rows);
    forest_.value.push_back(depth + plan_.average[rows]);
    return static_cast<std::uint32_t>(forest_.feature.size() - 1);
  }

  /// One of the features that vary among the rows, each as likely as the other, cut at a uniform place of its range. Tries
  /// one after the other, for most do; a feature that does not is marked in `constant`: it varies nowhere below either.
  bool choose_split(std::uint32_t begin, std::uint32_t end, std::uint32_t node, std::uint64_t& constant, Random& random) {
    std::uint16_t feature[kMaxColumns];
    std::uint32_t count = 0;
    for (std::uint16_t c = 0; c < plan_.table.columns; ++c)
      if ((constant >> c & 1) == 0) feature[count++] = c;
    while (count > 0) {
      const std::uint32_t at = random.below(count);
      const auto [low, high] = range_of(feature[at], begin, end);
      if (low < high) {
        forest_.feature[node] = feature[at];
        forest_.threshold[node] = cut(low, high, random.uniform());
        return true;
      }
      constant |= std::uint64_t{1} << feature[at];
      feature[at] = feature[--count];
    }
    return false;
  }

  std::pair<float, float> range_of(std::uint16_t feature, std::uint32_t begin, std::uint32_t end) const {
    const float* values = values_.data() + std::size_t{feature} * plan_.samples;
    float low = values[order_[begin]], high = low;
    for (std::uint32_t i = begin + 1; i < end; ++i) {
      const float x = values[order_[i]];
      low = std::min(low, x);
      high = std::max(high, x);
    }
    return {low, high};
  }

  /// In [low, high): then `x <= cut` leaves rows on both sides. Rounding to float may reach `high`.
  static float cut(float low, float high, double at) {
    const auto threshold = static_cast<float>(low + at * (static_cast<double>(high) - low));
    return threshold < high ? threshold : std::nextafter(high, low);
  }

  /// Lomuto's, without a branch: half of them would be mispredicted.
  std::uint32_t partition(std::uint32_t begin, std::uint32_t end, std::uint32_t node) {
    const float* values = values_.data() + std::size_t{forest_.feature[node]} * plan_.samples;
    const float threshold = forest_.threshold[node];
    std::uint32_t middle = begin;
    for (std::uint32_t i = begin; i < end; ++i) {
      const std::uint32_t row = order_[i];
      order_[i] = order_[middle];
      order_[middle] = row;
      middle += values[row] <= threshold ? 1 : 0;
    }
    return middle;
  }

  const Plan& plan_;
  ForestArrays forest_;
  DrawnNumbers drawn_;
  std::vector<float> values_;         // of the tree's rows, column after column
  std::vector<std::uint32_t> order_;  // places in it; a node's lie together
};

}  // namespace

ForestArrays grow_forest(const RowTable& table, std::span<const std::uint32_t> rows, const GrowOptions& options) {
  const Plan plan(table, rows, options);
  const unsigned threads = std::clamp(options.threads, 1U, options.trees);
  std::vector<Grower> growers(threads, Grower(plan));
  const auto grow_share = [&](unsigned thread) {
    for (std::uint64_t tree = std::uint64_t{options.trees} * thread / threads;
         tree < std::uint64_t{options.trees} * (thread + 1) / threads; ++tree)
      growers[thread].grow(options.first_tree + tree);
  };
  {
    std::vector<std::jthread> others;
    for (unsigned thread = 1; thread < threads; ++thread) others.emplace_back(grow_share, thread);
    grow_share(0);
  }
  ForestArrays forest = growers[0].take();
  for (unsigned thread = 1; thread < threads; ++thread) append_trees(growers[thread].take().view(), 0, forest);
  return forest;
}

ForestArrays grow_forest(const RowTable& table, const GrowOptions& options) { return grow_forest(table, {}, options); }

}  // namespace weir
