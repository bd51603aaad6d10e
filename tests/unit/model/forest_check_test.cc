#include "forest_check.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>

#include "forests.h"

namespace weir {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(CheckForest, AcceptsASoundOne) {
  const auto ok = check_forest(two_trees().view());
  EXPECT_TRUE(ok) << ok.error().what;
}

struct Damage {
  const char* name;
  std::function<void(ForestArrays&)> apply;
  const char* message;  // the error begins with it
};

class CheckForestRefuses : public testing::TestWithParam<Damage> {};

TEST_P(CheckForestRefuses, Damage) {
  ForestArrays forest = two_trees();
  GetParam().apply(forest);
  const auto result = check_forest(forest.view());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what.rfind(GetParam().message, 0), 0U) << result.error().what;
}

INSTANTIATE_TEST_SUITE_P(
    Each, CheckForestRefuses,
    testing::Values(
        Damage{"no_tree", [](auto& f) { f = ForestArrays{}; }, "root: 0 trees"},
        Damage{"too_many_trees", [](auto& f) { f.root.resize(kMaxTrees + 1); }, "root: 10001 trees"},
        Damage{"short_array", [](auto& f) { f.value.pop_back(); }, "feature, threshold, left"},
        Damage{"no_column", [](auto& f) { f.columns = 0; }, "features: 0"},
        Damage{"too_many_columns", [](auto& f) { f.columns = 65; }, "features: 65"},
        Damage{"few_missing_left", [](auto& f) { f.missing_left = {1}; }, "missing_left"},
        Damage{"one_sample", [](auto& f) { f.samples = 1; }, "samples: 1"},
        Damage{"root_not_first",
               [](auto& f) {
                 f.root = {1, 5};
               },
               "root[0]"},
        Damage{"roots_out_of_order",
               [](auto& f) {
                 f.root = {0, 0};
               },
               "root[1]: not after"},
        Damage{"root_behind_end", [](auto& f) { f.root[1] = 6; }, "root[1]: behind"},
        Damage{"root_rows", [](auto& f) { f.rows[5] = 5; }, "rows[5]"},
        Damage{"cycle", [](auto& f) { f.left[2] = 2; }, "left[2]: child 2 is not after its parent"},
        Damage{"back_to_root", [](auto& f) { f.right[2] = 0; }, "right[2]: child 0 is not after"},
        Damage{"other_tree", [](auto& f) { f.right[2] = 5; }, "right[2]: child 5 is outside"},
        Damage{"behind_the_end", [](auto& f) { f.left[0] = 4'000'000'000; }, "left[0]: child 4000000000 is outside"},
        Damage{"two_parents",
               [](auto& f) {
                 f.left[2] = 4;
                 f.rows = {4, 1, 4, 1, 2, 4};
                 f.rows[0] = 5;
                 f.rows[5] = 5;
                 f.samples = 5;
               },
               "left, right[3]: node with 0 parents"},
        Damage{"both_children_alike",
               [](auto& f) {
                 f.right[0] = 1;
                 f.rows[1] = 2;
               },
               "left, right[1]: node with 2"},
        Damage{"half_a_leaf", [](auto& f) { f.right[3] = 4; }, "right[3]: a leaf with a child"},
        Damage{"feature", [](auto& f) { f.feature[0] = kFeatureCount; }, "feature[0]: no such feature"},
        Damage{"threshold", [](auto& f) { f.threshold[2] = static_cast<float>(kNan); }, "threshold[2]"},
        Damage{"value_nan", [](auto& f) { f.value[1] = kNan; }, "value[1]"},
        Damage{"value_infinite", [](auto& f) { f.value[1] = 1 / std::numeric_limits<double>::denorm_min(); }, "value[1]"},
        Damage{"value_negative", [](auto& f) { f.value[1] = -1; }, "value[1]"},
        Damage{"rows_do_not_add_up", [](auto& f) { f.rows[4] = 3; }, "rows[2]: not the sum"},
        Damage{"rows_wrap_around", [](auto& f) { f.rows = {4, 0xffffffff, 5, 3, 2, 4}; }, "rows[0]: not the sum"},
        Damage{"no_rows", [](auto& f) { f.rows = {4, 0, 4, 2, 2, 4}; }, "rows[1]: a node that no row"}),
    [](const auto& test) { return std::string(test.param.name); });

/// A tree that sends one row after the other to the left.
ForestArrays chain(std::uint32_t depth) {
  ForestArrays f;
  f.samples = depth + 1;
  f.columns = 1;
  f.root = {0};
  for (std::uint32_t level = 0; level <= depth; ++level) {
    const bool is_last = level == depth;
    if (level > 0) {  // the leaf beside
      f.left.push_back(0);
      f.right.push_back(0);
      f.rows.push_back(1);
    }
    const auto next = static_cast<std::uint32_t>(f.left.size());
    f.left.push_back(is_last ? 0 : next + 1);
    f.right.push_back(is_last ? 0 : next + 2);
    f.rows.push_back(depth + 1 - level);
  }
  f.feature.resize(f.left.size());
  f.threshold.resize(f.left.size());
  f.value.resize(f.left.size());
  return f;
}

TEST(CheckForest, LimitsTheDepth) {
  const auto ok = check_forest(chain(kMaxTreeDepth).view());
  EXPECT_TRUE(ok) << ok.error().what;
  const auto deep = check_forest(chain(kMaxTreeDepth + 1).view());
  ASSERT_FALSE(deep);
  EXPECT_NE(deep.error().what.find("deeper than 64"), std::string::npos) << deep.error().what;
}

}  // namespace
}  // namespace weir
