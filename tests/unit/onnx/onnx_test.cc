#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>

#include "forest_check.h"
#include "onnx_export.h"
#include "onnx_import.h"
#include "onnx_rows.h"
#include "unit/model/random_forest.h"

namespace weir {
namespace {

/// Its leaves have what no leaf uses set to 0, as everybody writes them.
ColumnForest random_forest(const Shape& shape, std::uint64_t seed) {
  ForestArrays arrays = RandomForest(shape, seed).arrays();
  for (std::size_t i = 0; i < arrays.left.size(); ++i) {
    if (!arrays.view().is_leaf(i)) continue;
    arrays.feature[i] = 0;
    arrays.threshold[i] = 0;
    if (shape.has_missing) arrays.missing_left[i] = 0;
  }
  std::vector<std::string> names;
  for (unsigned i = 0; i < shape.columns; ++i) names.push_back("column " + std::to_string(i));
  return ColumnForest(Forest(std::move(arrays)), names, {"test", "00ff", 1234, 7, 0, 0}, -0.6);
}

TEST(Onnx, AForestComesBackAsItWas) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Shape shape;
    shape.columns = 1 + static_cast<std::uint32_t>(seed) % 40;
    shape.trees = 1 + static_cast<unsigned>(seed) * 3;
    shape.depth = 1 + static_cast<unsigned>(seed) % 12;
    shape.has_missing = seed % 2 == 0;
    const ColumnForest forest = random_forest(shape, seed);
    if (forest.forest().view().samples < 2) continue;
    const auto onnx = forest_to_onnx(forest);
    ASSERT_TRUE(onnx) << onnx.error().what;
    const auto back = forest_from_onnx(*onnx);
    ASSERT_TRUE(back) << back.error().what;
    EXPECT_FALSE(back->compares_doubles);
    EXPECT_EQ(back->forest.to_bytes().value(), forest.to_bytes().value()) << seed;
  }
}

TEST(Onnx, AFileCutOffIsRefused) {
  const auto onnx = forest_to_onnx(random_forest({}, 1));
  ASSERT_TRUE(onnx);
  for (std::size_t size = 0; size < onnx->size(); size += 1 + onnx->size() / 300)
    EXPECT_FALSE(forest_from_onnx({onnx->data(), size})) << size;
}

TEST(Onnx, ValuesThatAFloatCannotHoldAreRefused) {
  ForestArrays arrays = RandomForest({}, 1).arrays();
  arrays.value[arrays.value.size() - 1] = 1e200;
  ASSERT_TRUE(check_forest(arrays.view()));
  std::vector<std::string> names(arrays.columns, "x");
  const auto onnx = forest_to_onnx(ColumnForest(Forest(std::move(arrays)), names, {}, -0.5));
  ASSERT_FALSE(onnx);
  EXPECT_NE(onnx.error().what.find("32-bit"), std::string::npos);
}

TEST(OnnxRows, AreFoundFromTheirDepthByEachFormula) {
  for (const DepthFormula formula : {average_depth, paper_depth, harmonic_depth})
    for (const std::uint32_t rows : {1U, 2U, 3U, 4U, 7U, 100U, 256U, 1000U, 65536U}) {
      EXPECT_EQ(rows_of_depth(formula(rows), formula, 1e-9), rows);
      EXPECT_EQ(rows_of_depth(static_cast<double>(static_cast<float>(formula(rows))), formula, 1e-5), rows);
    }
  EXPECT_FALSE(rows_of_depth(0.5, average_depth, 1e-6));
  EXPECT_FALSE(rows_of_depth(-1, average_depth, 1e-6));
  EXPECT_FALSE(rows_of_depth(1e9, average_depth, 1e-6));
  EXPECT_FALSE(rows_of_depth(std::nan(""), average_depth, 1e-6));
}

TEST(OnnxRows, FollowTheFormulasOfOthers) {
  EXPECT_NEAR(paper_depth(2), 0.154431, 1e-6);
  EXPECT_EQ(paper_depth(256), average_depth(256));
  EXPECT_NEAR(harmonic_depth(3), 2 * (1 + 1 / 2.0 + 1 / 3.0) - 2, 1e-3);
  EXPECT_NEAR(harmonic_depth(256), 10.248690, 1e-6);
}

}  // namespace
}  // namespace weir
