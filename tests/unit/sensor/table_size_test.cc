#include "sensor/table_size.h"

#include <gtest/gtest.h>

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

TEST(TableSize, IsAtLeastSomething) {
  const TableSize size = size_tables(1);
  for (const std::uint32_t count : {size.sets4, size.sets6, size.host_sets, size.filter_words}) EXPECT_GE(count, 8u);
}

TEST(TableSize, BytesAreThoseOfBothGenerations) {
  const TableSize size{.sets4 = 8, .sets6 = 12, .host_sets = 4, .filter_words = 8};
  const std::uint64_t one_cpu = (8 + 8) * sizeof(weir_set4) + (12 + 4) * sizeof(weir_set6) +
                                (4 + 4) * sizeof(weir_host_set) + (8 + 16) * 8 + sizeof(weir_state) + sizeof(weir_ports);
  EXPECT_EQ(size.bytes(1), 2 * one_cpu + 2 * sizeof(weir_touched));
}

TEST(TableSize, IsForTheMachineHoweverManyCpusItMayHave) {
  const TableSize size = size_tables(131072);
  EXPECT_LT(size.bytes(64), size.bytes(1) * 11 / 10);
}

TEST(TableSize, GenerationsMeetBetweenGroups) {
  for (const std::uint32_t sets : {1u, 7u, 8u, 1000u})
    for (const std::uint32_t cpus : {1u, 3u, 64u}) {
      const std::uint32_t all = generation_entries(sets, WEIR_SPILL_SETS6, cpus);
      EXPECT_EQ(all % WEIR_GROUP_SETS, 0u);
      EXPECT_GE(all, sets + WEIR_SPILL_SETS6 * cpus);
    }
}

TEST(MakeConfig, DrawsAnotherKeyEachTime) {
  const TableSize size = size_tables(1000);
  EXPECT_NE(make_config(size, 1, 0).key[0], make_config(size, 1, 0).key[0]);
}

TEST(MakeConfig, HasABitForEachTunnel) {
  const auto mask = [](std::vector<Tunnel> tunnels) { return make_config(size_tables(1000), 1, 0, tunnels).decapsulate; };
  EXPECT_EQ(mask({}), 0u);
  EXPECT_EQ(mask({Tunnel::kVxlan}), WEIR_DECAPSULATE_VXLAN);
  EXPECT_EQ(mask({Tunnel::kGre, Tunnel::kIpInIp}), WEIR_DECAPSULATE_GRE | WEIR_DECAPSULATE_IPIP);
  EXPECT_EQ(mask({Tunnel::kVxlan, Tunnel::kGre, Tunnel::kIpInIp, Tunnel::kMpls, Tunnel::kPppoe}), WEIR_DECAPSULATE_ALL);
  EXPECT_EQ(make_config(size_tables(1000), 1, 0).decapsulate, WEIR_DECAPSULATE_MPLS | WEIR_DECAPSULATE_PPPOE);
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
