#include "column_forest.h"

#include <gtest/gtest.h>

#include <cmath>

#include "random_forest.h"

namespace weir {
namespace {

const Provenance kProvenance{"test-1", "00ff", 1234, 7, 0, 0};

ColumnForest forest_of(std::vector<std::string> names, bool has_missing = false) {
  Shape shape;
  shape.columns = static_cast<std::uint32_t>(names.size());
  shape.has_missing = has_missing;
  return ColumnForest(Forest(RandomForest(shape, 1).arrays()), std::move(names), kProvenance, -0.6);
}

TEST(ColumnForest, ComesBackFromItsBytes) {
  const ColumnForest forest = forest_of({"a", "b c", "d"}, true);
  const auto bytes = forest.to_bytes();
  ASSERT_TRUE(bytes) << bytes.error().what;
  const auto back = ColumnForest::from_bytes(*bytes);
  ASSERT_TRUE(back) << back.error().what;
  EXPECT_EQ(back->columns(), forest.columns());
  EXPECT_EQ(back->offset(), -0.6);
  EXPECT_EQ(back->provenance().version, "test-1");
  EXPECT_EQ(back->provenance().rows, 1234U);
  EXPECT_EQ(back->provenance().trees, 20U);
  EXPECT_TRUE(back->takes_missing());
  const std::vector<double> rows = {0, 1, 2, -9, std::nan(""), 30};
  std::vector<double> before(2), after(2);
  forest.score(rows, before);
  back->score(rows, after);
  EXPECT_EQ(before, after);
}

TEST(ColumnForest, RefusesNamesThatWouldNotComeBack) {
  for (const char* name : {"a,b", "", "line\nbreak"}) {
    const auto bytes = forest_of({"first", name}).to_bytes();
    ASSERT_FALSE(bytes) << name;
    EXPECT_NE(bytes.error().what.find("features"), std::string::npos) << bytes.error().what;
  }
  EXPECT_FALSE(forest_of({"twice", "twice"}).to_bytes());
}

}  // namespace
}  // namespace weir
