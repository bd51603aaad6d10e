#include "depth_engine.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "random_forest.h"

namespace weir {
namespace {

constexpr DepthPath kPaths[] = {DepthPath::kPortable, DepthPath::kAvx2, DepthPath::kAvx512};

std::vector<double> sums_of(const DepthEngine& engine, const std::vector<float>& rows, std::size_t columns, DepthPath path) {
  std::vector<double> sums(rows.size() / columns, -1);
  engine.sum(rows, sums, path);
  return sums;
}

/// Equal to the last bit, so compared as such.
void expect_all_paths_agree(const Shape& shape, std::uint64_t seed, std::size_t row_count, bool has_nan = false) {
  RandomForest random(shape, seed);
  const DepthEngine engine(random.arrays().view());
  std::vector<float> rows = random.rows(row_count);
  for (std::size_t i = 0; has_nan && i < rows.size(); i += 41) rows[i] = std::nanf("");
  const auto expected = sums_of(engine, rows, shape.columns, DepthPath::kWalk);
  for (const DepthPath path : kPaths) {
    if (!engine.is_available(path)) continue;
    EXPECT_EQ(sums_of(engine, rows, shape.columns, path), expected)
        << path_name(path) << ", " << shape.columns << " columns, seed " << seed << ", " << row_count << " rows";
  }
  std::vector<double> chosen(row_count);
  engine.sum(rows, chosen);
  EXPECT_EQ(chosen, expected) << "the path chosen";
}

TEST(DepthEngine, GivesTheSameBitsByEachPathForAnyNumberOfColumns) {
  for (std::uint32_t columns = 1; columns <= 64; ++columns)
    expect_all_paths_agree({.columns = columns, .trees = 9}, columns, 150);
}

TEST(DepthEngine, GivesTheSameBitsForAnyNumberOfRows) {
  constexpr std::size_t kCounts[] = {1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 255, 256, 257, 700};
  for (const std::size_t rows : kCounts) expect_all_paths_agree({.trees = 30}, rows, rows);
}

TEST(DepthEngine, GivesTheSameBitsForRowsWithNaN) {
  expect_all_paths_agree({.trees = 30}, 1, 500, true);
  expect_all_paths_agree({.columns = 40, .trees = 30, .has_missing = true}, 2, 500, true);
}

/// Few values: one block holds all trees. Many: nearly each tree has thresholds of its own.
TEST(DepthEngine, GivesTheSameBitsForForestsOfSeveralBlocks) {
  expect_all_paths_agree({.trees = 200, .values = 100}, 3, 300);
  expect_all_paths_agree({.columns = 2, .trees = 60, .values = 100'000}, 4, 300);
}

TEST(DepthEngine, GivesTheSameBitsForSingleLeavesAndShallowTrees) {
  for (unsigned depth = 0; depth < 8; ++depth) expect_all_paths_agree({.trees = 13, .depth = depth}, depth, 100);
}

TEST(DepthEngine, WalksDeepTreesWithoutVectors) {
  const RandomForest random({.trees = 5, .depth = 20}, 1);
  const DepthEngine engine(random.arrays().view());
  EXPECT_FALSE(engine.is_available(DepthPath::kAvx2));
  EXPECT_FALSE(engine.is_available(DepthPath::kAvx512));
  expect_all_paths_agree({.trees = 5, .depth = 20}, 1, 300, true);
}

TEST(DepthEngine, SendsANaNWhereTheForestSaysSo) {
  ForestArrays forest{4, 1, {0}, {0, 0, 0}, {1, 0, 0}, {1, 0, 0}, {2, 0, 0}, {4, 1, 3}, {0, 10, 20}, {0, 0, 0}};
  const float nan = std::nanf("");
  double sum = 0;
  DepthEngine(forest.view()).sum({&nan, 1}, {&sum, 1});
  EXPECT_EQ(sum, 20);
  forest.missing_left[0] = 1;
  DepthEngine(forest.view()).sum({&nan, 1}, {&sum, 1});
  EXPECT_EQ(sum, 10);
}

TEST(DepthEngine, MayBeAskedByThreadsAtOnce) {
  RandomForest random({.trees = 50}, 5);
  const DepthEngine engine(random.arrays().view());
  const std::vector<float> rows = random.rows(2000);
  std::vector<double> expected(2000), first(2000), second(2000);
  engine.sum(rows, expected);
  {
    const std::jthread a([&] { engine.sum(rows, first); });
    const std::jthread b([&] { engine.sum(rows, second); });
  }
  EXPECT_EQ(first, expected);
  EXPECT_EQ(second, expected);
}

}  // namespace
}  // namespace weir
