#include "features/distinct_ports.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace weir {
namespace {

TEST(DistinctPorts, CountsEachPortOfAPlaceOnce) {
  DistinctPorts ports;
  for (const int port : {80, 443, 80, 65535, 0, 80}) ports.add(2, static_cast<std::uint16_t>(port));
  ports.add(0, 80);
  EXPECT_EQ(ports.size(), 7u);
  EXPECT_EQ(ports.count(4), (std::vector<std::uint32_t>{1, 0, 4, 0}));
  ports.clear();
  EXPECT_EQ(ports.count(2), (std::vector<std::uint32_t>{0, 0}));
}

TEST(DistinctPorts, AgreesWithSetsWhetherAPlaceUsesFewPortsOrAll) {
  std::mt19937 random(1);
  DistinctPorts ports;
  std::vector<std::set<std::uint16_t>> expected(8);
  for (std::uint32_t place = 0; place < expected.size(); ++place)
    for (std::uint32_t i = 0; i < 1u << (2 * place + 2); ++i) {
      const auto port = static_cast<std::uint16_t>(random());
      ports.add(place, port);
      expected[place].insert(port);
    }
  const std::vector<std::uint32_t> counts = ports.count(expected.size());
  for (std::size_t place = 0; place < expected.size(); ++place) EXPECT_EQ(counts[place], expected[place].size()) << place;
}

}  // namespace
}  // namespace weir
