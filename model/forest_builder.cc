#include "forest_builder.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "random.h"

namespace weir {
namespace {

/// `count` of `rows`, without replacement (Floyd: Programming Pearls, CACM 1987): one draw for each, no shuffling of
/// rows that are not taken.
std::vector<std::uint32_t> sample_rows(std::span<const std::uint32_t> rows, std::uint32_t count, Random& random) {
  std::vector<bool> taken(rows.size());
  std::vector<std::uint32_t> sample;
  const auto total = static_cast<std::uint32_t>(rows.size());
  for (std::uint32_t last = total - count; last < total; ++last) {
    const std::uint32_t drawn = random.below(last + 1);
    const std::uint32_t pick = taken[drawn] ? last : drawn;
    taken[pick] = true;
    sample.push_back(rows[pick]);
  }
  return sample;
}

/// Grows trees at the end of the arrays.
class Grower {
 public:
  Grower(const FeatureMatrix& features, ForestArrays& forest)
      : features_(features), forest_(forest), depth_limit_(static_cast<unsigned>(std::bit_width(forest.samples - 1))) {}

  void grow(std::vector<std::uint32_t> sample, Random& random) {
    forest_.root.push_back(static_cast<std::uint32_t>(forest_.feature.size()));
    grow_node(sample, 0, random);
  }

 private:
  struct Split {
    std::uint16_t feature = 0;
    float threshold = 0;
    bool found = false;
  };

  /// Appends a leaf; a split turns it into an inner node later.
  std::uint32_t add_leaf(std::size_t rows, unsigned depth) {
    const auto count = static_cast<std::uint32_t>(rows);
    forest_.feature.push_back(0);
    forest_.threshold.push_back(0);
    forest_.left.push_back(0);
    forest_.right.push_back(0);
    forest_.rows.push_back(count);
    forest_.value.push_back(depth + average_depth(count));
    return static_cast<std::uint32_t>(forest_.feature.size() - 1);
  }

  std::uint32_t grow_node(std::span<std::uint32_t> rows, unsigned depth, Random& random) {
    const std::uint32_t node = add_leaf(rows.size(), depth);
    if (rows.size() < 2 || depth == depth_limit_) return node;
    const Split split = choose_split(rows, random);
    if (!split.found) return node;
    const auto middle = std::partition(rows.begin(), rows.end(),
                                       [&](std::uint32_t row) { return features_(row, split.feature) <= split.threshold; });
    const auto lower = static_cast<std::size_t>(middle - rows.begin());
    const std::uint32_t left = grow_node(rows.first(lower), depth + 1, random);
    const std::uint32_t right = grow_node(rows.subspan(lower), depth + 1, random);
    forest_.feature[node] = split.feature;
    forest_.threshold[node] = split.threshold;
    forest_.left[node] = left;
    forest_.right[node] = right;
    forest_.value[node] = 0;
    return node;
  }

  /// One of the features that vary among the rows, each as likely as the other, cut at a uniform place of its range.
  Split choose_split(std::span<const std::uint32_t> rows, Random& random) const {
    FeatureRow low, high;
    find_ranges(rows, low, high);
    std::array<std::uint16_t, kFeatureCount> varying{};
    std::uint32_t count = 0;
    for (std::uint16_t f = 0; f < kFeatureCount; ++f)
      if (low[f] < high[f]) varying[count++] = f;
    if (count == 0) return {};
    const std::uint16_t f = varying[random.below(count)];
    return {f, cut(low[f], high[f], random.uniform()), true};
  }

  void find_ranges(std::span<const std::uint32_t> rows, FeatureRow& low, FeatureRow& high) const {
    std::ranges::copy(row_of(features_, rows[0]), low.begin());
    high = low;
    for (const std::uint32_t row : rows.subspan(1)) {
      const FeatureSpan values = row_of(features_, row);
      for (std::size_t f = 0; f < kFeatureCount; ++f) {
        low[f] = std::min(low[f], values[f]);
        high[f] = std::max(high[f], values[f]);
      }
    }
  }

  /// In [low, high): then `x <= cut` leaves rows on both sides. Rounding to float may reach `high`.
  static float cut(float low, float high, double at) {
    const auto threshold = static_cast<float>(low + at * (static_cast<double>(high) - low));
    return threshold < high ? threshold : std::nextafter(high, low);
  }

  const FeatureMatrix& features_;
  ForestArrays& forest_;
  unsigned depth_limit_;  // ceil(log2(samples)): beyond it only ordinary rows are told from one another
};

}  // namespace

ForestArrays grow_forest(const FeatureMatrix& features, std::span<const std::uint32_t> rows, const GrowOptions& options) {
  ForestArrays forest;
  forest.columns = kFeatureCount;
  forest.samples = std::min(options.samples, static_cast<std::uint32_t>(rows.size()));
  Grower grower(features, forest);
  for (unsigned tree = 0; tree < options.trees; ++tree) {
    Random random(options.seed, tree);
    grower.grow(sample_rows(rows, forest.samples, random), random);
  }
  return forest;
}

}  // namespace weir
