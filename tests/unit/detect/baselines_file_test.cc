#include "detect/baselines_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "model_seal.h"
#include "safetensors.h"
#include "support/flow_records.h"

namespace weir {
namespace {

using namespace test;

Baselines some_baselines() {
  Baselines b;
  TrafficPast regular{ip("10.0.0.9"), 5.25, 1.5, 9.125, 700, 90'000, 3, {}};
  regular.season.emplace().maximum[7] = 12.5;
  regular.season->hour = 490'000;
  regular.season->maximum_now = 3.5;
  b.traffic = {{ip("10.0.0.1"), 1, 1, 2, 6, 10, 0, {}}, regular, {ip("2001:db8::1"), 4, 0, 4, 1, 1, 1, {}}};
  b.ports = {{ip("10.0.0.9"), 700, 90'000, 3, 5, 1.75}, {ip("10.0.0.1"), 6, 10, 0, 10, 0}};
  b.uses = {{ip("10.0.0.9"), 7000, Role::kDestination, true},
            {ip("10.0.0.1"), 7000, Role::kDestination, false},
            {ip("10.0.0.1"), 4444, Role::kSource, true}};
  arrange(b);
  return b;
}

std::vector<std::uint8_t> bytes_of(Baselines b) {
  EXPECT_EQ(arrange(b), 0u);
  return baselines_to_bytes(b).value();
}

/// What a file says, changed, with its hash put right.
template <class Change>
std::string error_after(Change change) {
  auto content = parse_safetensors(bytes_of(some_baselines())).value();
  change(content);
  content.metadata["sha256"] = std::string(64, '0');
  auto bytes = write_safetensors(content).value();
  seal(bytes);
  const auto read = baselines_from_bytes(bytes);
  return read ? "" : read.error().what;
}

/// Its first value is this one.
template <class T>
std::string error_with(const std::string& name, T bad) {
  return error_after([&](Safetensors& content) {
    auto values = content.get<T>(name).value();
    values[0] = bad;
    content.put<T>(name, values);
  });
}

TEST(BaselinesFile, GivesBackWhatWasWritten) {
  const Baselines before = some_baselines();
  const auto after = baselines_from_bytes(bytes_of(before));
  ASSERT_TRUE(after) << after.error().what;
  ASSERT_EQ(after->traffic.size(), 3u);
  const TrafficPast& regular = after->traffic[0];
  EXPECT_EQ(regular.host, ip("10.0.0.9")) << "who has a season comes first";
  EXPECT_EQ(regular.mean, 5.25);
  EXPECT_EQ(regular.deviation, 1.5);
  EXPECT_EQ(regular.maximum, 9.125);
  EXPECT_EQ(regular.windows, 700u);
  EXPECT_EQ(regular.first_age, 90'000u);
  EXPECT_EQ(regular.seen_age, 3u);
  ASSERT_TRUE(regular.season);
  EXPECT_EQ(regular.season->maximum, before.traffic[0].season->maximum);
  EXPECT_EQ(regular.season->hour, 490'000u);
  EXPECT_EQ(regular.season->maximum_now, 3.5f);
  EXPECT_FALSE(after->traffic[1].season);
  ASSERT_EQ(after->ports.size(), 2u);
  EXPECT_EQ(after->ports[1].host, ip("10.0.0.9"));
  EXPECT_EQ(after->ports[1].windows, 700u);
  EXPECT_EQ(after->ports[1].first_age, 90'000u);
  EXPECT_EQ(after->ports[1].seen_age, 3u);
  EXPECT_EQ(after->ports[1].new_ports_age, 5u);
  EXPECT_EQ(after->ports[1].new_ports, 1.75f);
  ASSERT_EQ(after->uses.size(), 3u);
  EXPECT_EQ(after->uses[0].port, 4444);
  EXPECT_EQ(after->uses[1].host, ip("10.0.0.9")) << "of one port the order stays";
  EXPECT_EQ(after->uses[1].role, Role::kDestination);
  EXPECT_TRUE(after->uses[1].was_strange);
  EXPECT_FALSE(after->uses[2].was_strange);
  EXPECT_EQ(bytes_of(*after), bytes_of(before));
}

TEST(BaselinesFile, AnEmptyOneToo) { EXPECT_TRUE(baselines_from_bytes(bytes_of({}))); }

TEST(BaselinesFile, DoesNotDependOnTheOrderOfHosts) {
  Baselines turned = some_baselines();
  std::ranges::reverse(turned.traffic);
  std::ranges::reverse(turned.ports);
  std::rotate(turned.uses.begin(), turned.uses.begin() + 1, turned.uses.end());
  EXPECT_EQ(bytes_of(turned), bytes_of(some_baselines()));
}

TEST(BaselinesFile, EveryTruncationAndEveryFlippedBitIsAnError) {
  const auto bytes = bytes_of(some_baselines());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    ASSERT_FALSE(baselines_from_bytes(std::span(bytes).first(size))) << size;
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    auto damaged = bytes;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    ASSERT_FALSE(baselines_from_bytes(damaged)) << bit;
  }
}

TEST(BaselinesFile, WhatContradictsItselfIsNamed) {
  EXPECT_EQ(error_after([](Safetensors&) {}), "");
  EXPECT_NE(error_after([](auto& c) { c.metadata["format"] = "weir-baselines-2"; }).find("another version"),
            std::string::npos);
  for (const char* name : {"traffic_levels", "traffic_windows", "traffic_first_age", "traffic_seen_age", "season_hour",
                           "season_levels", "ports_windows", "ports_new", "ports_new_age", "use_port", "use_role",
                           "use_strange", "use_host", "ports_host", "traffic_host"}) {
    EXPECT_NE(error_after([name](auto& c) { c.arrays.erase(name); }).find(name), std::string::npos);
    EXPECT_NE(error_after([name](auto& c) {
                auto& array = c.arrays[name].bytes;
                array.resize(array.size() - array.size() / 3);
                array.resize(array.size() - array.size() % 8);
              }),
              "")
        << name;
  }
  EXPECT_NE(error_with<std::uint8_t>("use_role", 2).find("use_role: a value is out of"), std::string::npos);
  EXPECT_NE(error_with<std::uint8_t>("use_strange", 2).find("use_strange"), std::string::npos);
  EXPECT_NE(error_with("traffic_first_age", kMostAge + 1).find("traffic_first_age"), std::string::npos);
  EXPECT_NE(error_with("ports_new_age", kMostAge + 1).find("ports_new_age"), std::string::npos);
  for (const float bad : {-1.0F, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    EXPECT_NE(error_with("season_levels", bad).find("season_levels"), std::string::npos);
    EXPECT_NE(error_with("ports_new", bad).find("ports_new"), std::string::npos);
    EXPECT_NE(error_with("traffic_levels", static_cast<double>(bad)).find("traffic_levels"), std::string::npos);
  }
}

TEST(BaselinesFile, HoldsTheHostsSeenLastAndSaysHowManyWent) {
  Baselines b;
  for (std::uint32_t i = 0; i < kMostPasts + 10; ++i) {
    TrafficPast& past = b.traffic.emplace_back();
    past.host = IpAddress::v4(i);
    past.seen_age = i;
  }
  b.uses.resize(kMostUses + 5);
  EXPECT_EQ(arrange(b), 15u);
  EXPECT_TRUE(std::ranges::all_of(b.traffic, [](const TrafficPast& past) { return past.seen_age < kMostPasts; }));
  EXPECT_TRUE(baselines_from_bytes(baselines_to_bytes(b).value()));
}

}  // namespace
}  // namespace weir
