#include "features/flat_index.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(FlatIndex, NumbersKeysInOrderAndFindsThemAgain) {
  FlatIndex<std::uint64_t> index(100'000, 7);
  for (std::uint64_t k = 0; k < 50'000; ++k) EXPECT_EQ(index.find_or_add(k * k), k);
  for (std::uint64_t k = 0; k < 50'000; ++k) {
    EXPECT_EQ(index.find(k * k), k);
    EXPECT_EQ(index.key(static_cast<std::uint32_t>(k)), k * k);
  }
  EXPECT_EQ(index.find(2), FlatIndex<std::uint64_t>::kNone);
  index.clear();
  EXPECT_EQ(index.find(0), FlatIndex<std::uint64_t>::kNone);
  EXPECT_EQ(index.find_or_add(9), 0u);
}

TEST(FlatIndex, StopsAtItsLimit) {
  FlatIndex<std::uint64_t> index(2, 7);
  EXPECT_EQ(index.find_or_add(1), 0u);
  EXPECT_EQ(index.find_or_add(2), 1u);
  EXPECT_EQ(index.find_or_add(3), FlatIndex<std::uint64_t>::kNone);
  EXPECT_EQ(index.find_or_add(1), 0u);
}

}  // namespace
}  // namespace weir
