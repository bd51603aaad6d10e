#include "reservoir.h"

#include <gtest/gtest.h>

#include <array>

namespace weir {
namespace {

TEST(Reservoir, KeepsAllThatFits) {
  Reservoir reservoir(2, 3, 1);
  for (const float x : {1.0F, 2.0F, 3.0F}) EXPECT_NE(reservoir.add(std::array{x, -x}), Reservoir::kNowhere);
  EXPECT_EQ(std::vector<float>(reservoir.table().values.begin(), reservoir.table().values.end()),
            (std::vector<float>{1, -1, 2, -2, 3, -3}));
  EXPECT_EQ(reservoir.seen(), 3U);
}

TEST(Reservoir, SaysWhereARowWent) {
  Reservoir reservoir(1, 4, 1);
  for (int i = 0; i < 100; ++i) {
    const auto x = static_cast<float>(i);
    const std::size_t place = reservoir.add(std::array{x});
    if (place == Reservoir::kNowhere) continue;
    EXPECT_EQ(*reservoir.table().row(place), x);
  }
  EXPECT_EQ(reservoir.table().rows(), 4U);
  EXPECT_EQ(reservoir.seen(), 100U);
}

TEST(Reservoir, KeepsEachRowAlikeOften) {
  std::array<int, 50> kept{};
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Reservoir reservoir(1, 10, seed);
    for (std::size_t i = 0; i < kept.size(); ++i) reservoir.add(std::array{static_cast<float>(i)});
    for (const float x : reservoir.table().values) ++kept[static_cast<std::size_t>(x)];
  }
  // 2000 * 10 / 50 = 400 each, deviation 18.
  for (const int count : kept) EXPECT_NEAR(count, 400, 90);
}

}  // namespace
}  // namespace weir
