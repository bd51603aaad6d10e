#include "sensor/table_size.h"

#include <gtest/gtest.h>

#include <bit>

#include "sensor/table_reader.h"

namespace weir {
namespace {

TEST(TableSize, HasTwoSlotsForEachFlow) {
  for (const std::uint32_t flows : {1u, 1000u, 65536u, 65537u, 1'000'000u}) {
    const TableSize size = size_tables(flows);
    EXPECT_GE(size.sets4 * WEIR_WAYS, 2 * std::uint64_t{flows} / WEIR_WAYS * WEIR_WAYS) << flows;
    EXPECT_GE(size.sets6 * WEIR_WAYS, std::uint64_t{flows} / WEIR_WAYS * WEIR_WAYS) << flows;
  }
}

TEST(TableSize, IsPowersOfTwoOfAtLeastSomething) {
  for (const std::uint32_t flows : {0u, 1u, 63u, 4097u, 3'000'000u}) {
    const TableSize size = size_tables(flows);
    for (const std::uint32_t count : {size.sets4, size.sets6, size.host_sets, size.filter_words})
      EXPECT_TRUE(std::has_single_bit(count)) << flows << ": " << count;
  }
}

TEST(TableSize, BytesAreThoseOfBothGenerationsOnAllCpus) {
  const TableSize size{.sets4 = 1, .sets6 = 2, .host_sets = 4, .filter_words = 8};
  const std::uint64_t region = 8 * 64 + 2 * 8 * 128 + 4 * 4 * 64 + 8 * 8 + sizeof(weir_state) + sizeof(weir_ports);
  EXPECT_EQ(size.bytes(1), 2 * region);
  EXPECT_EQ(size.bytes(16), 32 * region);
}

TEST(MakeConfig, DrawsAnotherKeyEachTime) {
  const TableSize size = size_tables(1000);
  EXPECT_NE(make_config(size, 1, 0).key[0], make_config(size, 1, 0).key[0]);
}

TEST(MakeConfig, SampleCostIsTheTimeBetweenTwo) {
  const TableSize size = size_tables(1000);
  EXPECT_EQ(make_config(size, 1, 0).sample, 0u);
  const weir_config config = make_config(size, 1, 2000);
  EXPECT_EQ(config.sample, 1u);
  EXPECT_NEAR(config.sample_cost * 1024.0, 1e9 / 2000, 1024);
  EXPECT_GE(make_config(size, 1, 4'000'000'000u).sample_cost, 1u) << "a sample that costs nothing would have no cap";
}

}  // namespace
}  // namespace weir
