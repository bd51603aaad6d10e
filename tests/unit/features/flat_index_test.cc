#include "features/flat_index.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

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

TEST(FlatIndex, KeepsItsValuesWhileItGrows) {
  FlatIndex<std::uint64_t, int> index(100'000, 7);
  for (int k = 0; k < 50'000; ++k) index.value(index.find_or_add(static_cast<std::uint64_t>(k))) = -k;
  for (int k = 0; k < 50'000; ++k) EXPECT_EQ(index.value(index.find(static_cast<std::uint64_t>(k))), -k);
}

TEST(FlatIndex, FetchesAheadWithoutChangingAnything) {
  FlatIndex<std::uint64_t> index(100, 7);
  index.prefetch_place(index.hash_of(1));
  EXPECT_EQ(index.prefetch_entry(index.hash_of(1)), FlatIndex<std::uint64_t>::kNone);
  index.find_or_add(1);
  EXPECT_EQ(index.prefetch_entry(index.hash_of(1)), 0u);
  EXPECT_EQ(index.size(), 1u);
}

TEST(WordHash, DependsOnEveryBitAndTheSeed) {
  std::array<std::uint64_t, 5> words{};
  const WordHash<5> hash(1);
  const std::uint32_t zero = hash(words.data());
  EXPECT_NE(zero, WordHash<5>(2)(words.data()));
  std::set<std::uint32_t> seen = {zero};
  for (std::uint64_t& word : words)
    for (int bit = 0; bit < 64; ++bit) {
      word = std::uint64_t{1} << bit;
      EXPECT_TRUE(seen.insert(hash(words.data())).second);
      word = 0;
    }
}

/// Attackers know the algorithm, not the seed: what is regular in keys (neighbouring addresses and ports, words swapped)
/// must not be so in places. 2^16 keys in 2^32 hashes meet about once in two such sets.
TEST(WordHash, SpreadsRegularKeys) {
  const WordHash<3> hash(1);
  std::set<std::uint32_t> seen;
  for (std::uint64_t a = 0; a < 256; ++a)
    for (std::uint64_t b = 0; b < 256; ++b) {
      const std::array<std::uint64_t, 3> words = {a << 32, b << 16, a ^ b};
      seen.insert(hash(words.data()));
    }
  EXPECT_GE(seen.size(), 65536u - 8);
}

}  // namespace
}  // namespace weir
