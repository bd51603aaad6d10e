#include "sensor/table_share.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <numeric>

#include "sensor/table_reader.h"
#include "sensor/table_size.h"

namespace weir {
namespace {

using Weights = std::vector<std::uint64_t>;

CpuCounts saw(std::uint64_t flows, std::uint64_t overflow = 0) {
  return {.seen_packets = flows + overflow, .flow_records = flows, .overflow_packets = overflow};
}

TEST(TableShares, AreEqualBeforeTrafficWasSeen) {
  const TableShares shares(4, std::vector<std::uint32_t>{0, 2, 3});
  EXPECT_EQ(shares.weights(900), (Weights{1, 0, 1, 1}));
}

TEST(TableShares, GiveAllToTheCpuThatSeesAll) {
  TableShares shares(4, std::vector<std::uint32_t>{0, 1, 2, 3});
  shares.learn(std::vector{saw(0), saw(500), saw(0), saw(0)});
  EXPECT_EQ(shares.weights(1000), (Weights{0, 500, 0, 0}));
}

TEST(TableShares, FloodOnOneCpuLeavesTheOthersWhatTheyNeed) {
  TableShares shares(2, std::vector<std::uint32_t>{0, 1});
  shares.learn(std::vector{saw(1000, 5'000'000), saw(300)});
  EXPECT_EQ(shares.weights(1000), (Weights{700, 300}));
}

TEST(TableShares, SurviveAPause) {
  TableShares shares(2, std::vector<std::uint32_t>{0, 1});
  shares.learn(std::vector{saw(1000), saw(1000)});
  shares.learn(std::vector{saw(1000), saw(0)});
  EXPECT_EQ(shares.weights(10'000), (Weights{1000, 900}));
  shares.learn(std::vector{saw(0), saw(0)});
  EXPECT_EQ(shares.weights(10'000), (Weights{1000, 900})) << "where nothing was seen nothing was learned";
  for (int i = 0; i < 100; ++i) shares.learn(std::vector{saw(1000), saw(0)});
  EXPECT_EQ(shares.weights(10'000), (Weights{1000, 0}));
}

/// The shares of a generation, written into states that are nobody's.
class AssignShares : public testing::Test {
 protected:
  std::vector<weir_share> assign(const Weights& weights, const TableSize& size, std::uint32_t generation) {
    const auto cpus = static_cast<std::uint32_t>(weights.size());
    weir_tables tables{};
    set_table_sizes(tables.config, size, cpus);
    std::vector<weir_state> states(2 * std::size_t{cpus});
    tables.states = {states.data(), 2 * cpus, sizeof(weir_state)};
    assign_shares(tables, generation, weights);
    entries_ = map_entries(tables.config);
    std::vector<weir_share> out;
    for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) out.push_back(states[generation * cpus + cpu].share);
    return out;
  }
  MapEntries entries_{};
};

TEST_F(AssignShares, DealsOutTheWholeTable) {
  const auto shares = assign({300, 0, 700}, {.sets4 = 1000, .sets6 = 10, .host_sets = 100, .filter_words = 64}, 0);
  EXPECT_EQ(shares[0].sets4, 300u);
  EXPECT_EQ(shares[2].sets4, 700u);
  EXPECT_EQ(shares[2].first4, 300u);
  EXPECT_EQ(shares[1].sets4, std::uint32_t{WEIR_SPILL_SETS4});
  EXPECT_TRUE(shares[1].is_spill);
  EXPECT_FALSE(shares[0].is_spill);
  EXPECT_EQ(shares[0].sets6 + shares[2].sets6, 10u);
}

TEST_F(AssignShares, GivesNoSetToTwoAndNoneBehindTheEnd) {
  for (const Weights& weights :
       {Weights{1}, Weights{5, 0, 9, 1, 1, 0}, Weights(64, 1), Weights{0, 0}, Weights{1, 1'000'000}}) {
    const TableSize size{.sets4 = 37, .sets6 = 9, .host_sets = 3, .filter_words = 17};
    std::vector<int> owners4, owners6, owners_of_hosts, owners_of_words;
    const auto own = [](std::vector<int>& owners, std::uint32_t entries, std::uint32_t first, std::uint32_t count) {
      owners.resize(entries, 0);
      EXPECT_GT(count, 0u);
      ASSERT_LE(first + count, entries);
      for (std::uint32_t i = first; i < first + count; ++i) ++owners[i];
    };
    for (const std::uint32_t generation : {0u, 1u})
      for (const weir_share& s : assign(weights, size, generation)) {
        own(owners4, entries_.flows4, s.first4, s.sets4);
        own(owners6, entries_.flows6, s.first6, s.sets6);
        own(owners_of_hosts, entries_.hosts, s.first_host, s.host_sets);
        own(owners_of_words, entries_.filter, s.first_word, s.words);
        EXPECT_LT(s.ports, entries_.ports);
      }
    for (const auto& owners : {owners4, owners6, owners_of_hosts, owners_of_words})
      for (const int count : owners) EXPECT_LE(count, 1);
  }
}

class OnlineCpus : public testing::Test {
 protected:
  std::vector<std::uint32_t> read(const std::string& line) {
    const std::filesystem::path root = testing::TempDir() + "online_cpus";
    std::filesystem::create_directories(root / "devices/system/cpu");
    std::ofstream(root / "devices/system/cpu/online") << line << "\n";
    return online_cpus(root.c_str());
  }
};

TEST_F(OnlineCpus, ReadsRanges) {
  EXPECT_EQ(read("0"), (std::vector<std::uint32_t>{0}));
  EXPECT_EQ(read("0-2,5,8-9"), (std::vector<std::uint32_t>{0, 1, 2, 5, 8, 9}));
}

TEST_F(OnlineCpus, IsTheFirstWhereNothingSaysMore) {
  EXPECT_EQ(read("what"), (std::vector<std::uint32_t>{0}));
  EXPECT_EQ(online_cpus("/nowhere"), (std::vector<std::uint32_t>{0}));
}

}  // namespace
}  // namespace weir
