#include "sensor/kept_tables.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

constexpr TableSize kSize{.sets4 = 1, .sets6 = 22, .host_sets = 333, .filter_words = 4};

Kept keep(const std::string& id, const std::string& map) { return {kept_map_name(id, kSize, map), UniqueFd()}; }

std::vector<Kept> list(std::initializer_list<std::pair<const char*, const char*>> maps) {
  std::vector<Kept> out;
  for (const auto& [id, map] : maps) out.push_back(keep(id, map));
  return out;
}

TEST(KeptTables, ReadsWhatItWrote) {
  auto kept = list({{"ab", "flows4"}, {"ab", ".data.control"}});
  kept.push_back({"link.eth0", UniqueFd()});
  const auto tables = take_kept_tables(kept);
  ASSERT_TRUE(tables);
  EXPECT_EQ(tables->id, "ab");
  EXPECT_EQ(tables->size.sets6, 22u);
  EXPECT_EQ(tables->size.filter_words, 4u);
  EXPECT_TRUE(tables->maps.contains("flows4") && tables->maps.contains(".data.control"));
  ASSERT_EQ(kept.size(), 1u) << "links are somebody else's";
  EXPECT_EQ(kept[0].name, "link.eth0");
}

TEST(KeptTables, PrefersTheMoreCompleteOnes) {
  auto kept = list({{"old", "flows4"}, {"new", "flows4"}, {"new", "flows6"}});
  EXPECT_EQ(take_kept_tables(kept)->id, "new");
  EXPECT_TRUE(kept.empty());
}

TEST(KeptTables, KnowsNothingOfOtherVersionsAndOtherNames) {
  std::vector<Kept> kept;
  for (const char* name : {"map.999.1.2.3.4.ab.flows4", "map.", "map.2.x", "stored"}) kept.push_back({name, UniqueFd()});
  EXPECT_FALSE(take_kept_tables(kept));
  EXPECT_EQ(kept.size(), 1u);
}

}  // namespace
}  // namespace weir
