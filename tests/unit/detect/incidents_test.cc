#include "detect/incidents.h"

#include <gtest/gtest.h>

#include <set>

#include "support/flow_records.h"

namespace weir {
namespace {

using namespace test;

constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kQuiet = 10 * kMinute;

Alert alert(const std::string& host, std::string_view kind, std::int64_t time_ns, const char* other = nullptr) {
  Alert a{time_ns, ip(host), Role::kSource, kind, 0.95, Severity::kMedium, "text of " + host, {}};
  if (other != nullptr) a.other = ip(other);
  return a;
}

class IncidentsTest : public ::testing::Test {
 protected:
  std::uint64_t add(const std::string& host, std::string_view kind, std::int64_t after_ns, const char* other = nullptr) {
    Alert a = alert(host, kind, kStart + after_ns, other);
    incidents_.add(a);
    return a.incident;
  }
  Incidents incidents_{kQuiet, 24};
};

TEST_F(IncidentsTest, OneHostIsOneIncidentUntilItIsQuiet) {
  EXPECT_EQ(add("10.0.0.1", "vertical_scan", 0), 1u);
  EXPECT_EQ(add("10.0.0.1", "brute_force", kQuiet - 1), 1u);
  EXPECT_EQ(add("10.0.0.1", "web_attack", 2 * kQuiet - 2), 1u);
  EXPECT_EQ(add("10.0.0.1", "vertical_scan", 4 * kQuiet), 2u);
  const Incident& first = incidents_.all().front();
  EXPECT_EQ(first.alerts, 3u);
  EXPECT_EQ(first.alerts_by_kind.size(), 3u);
  ASSERT_EQ(first.timeline.size(), 3u);
  EXPECT_EQ(first.timeline[1].kind, "brute_force");
  EXPECT_EQ(first.timeline[1].time_ns, kStart + kQuiet - 1);
  EXPECT_TRUE(incidents_.is_open(first, first.last_ns + kQuiet - 1));
  EXPECT_FALSE(incidents_.is_open(first, first.last_ns + kQuiet));
}

TEST_F(IncidentsTest, AttackerAndVictimAreOneIncident) {
  EXPECT_EQ(add("10.0.0.1", "vertical_scan", 0, "10.0.0.9"), 1u);
  EXPECT_EQ(add("10.0.0.9", "distributed_flood", 2 * kMinute), 1u);
  EXPECT_EQ(add("10.0.0.2", "brute_force", 4 * kMinute, "10.0.0.9"), 1u);
  EXPECT_EQ(add("10.0.0.3", "web_attack", 5 * kMinute, "10.0.0.8"), 2u);
}

TEST_F(IncidentsTest, WhatGoesOnKeepsItOpenWithoutAnAlert) {
  add("10.0.0.1", "vertical_scan", 0);
  ClosedWindow w;
  w.hosts.resize(2);
  w.hosts[0].host = ip("10.0.0.1");
  w.hosts[1].host = ip("10.0.0.2");
  std::vector<Verdict> verdicts(2);
  verdicts[0].kinds = {"vertical_scan"};
  for (const std::int64_t after : {kQuiet - 1, 2 * kQuiet - 2}) {
    w.decided_ns = kStart + after;
    incidents_.add(w, verdicts);
  }
  EXPECT_EQ(add("10.0.0.1", "vertical_scan", 3 * kQuiet - 4), 1u);
}

TEST_F(IncidentsTest, SixtyScannersAtOnceAreOneIncidentThatNamesThemAll) {
  for (int i = 0; i < 60; ++i) add("10.0.0." + std::to_string(i), "horizontal_scan", i * kSecond);
  ASSERT_EQ(incidents_.all().size(), 1u);
  EXPECT_EQ(incidents_.all()[0].alerts_by_host.size(), 60u);
  EXPECT_EQ(incidents_.all()[0].over_budget, 0u);
}

TEST_F(IncidentsTest, SixtyScannersOneByOneFillTheBudgetThenJoinAndAllAreNamed) {
  for (int i = 0; i < 60; ++i) add("10.0.0." + std::to_string(i), "horizontal_scan", i * kQuiet);
  EXPECT_EQ(incidents_.begun(), 24u);
  const Incident& last = incidents_.all().back();
  EXPECT_EQ(last.alerts_by_host.size(), 37u);
  EXPECT_EQ(last.over_budget, 36u);
  std::set<IpAddress> named;
  for (const Incident& incident : incidents_.all())
    for (const auto& [host, alerts] : incident.alerts_by_host) named.insert(host);
  EXPECT_EQ(named.size(), 60u);
}

TEST_F(IncidentsTest, ASpentBudgetHidesNoOtherKind) {
  for (int i = 0; i < 30; ++i) add("10.0.0." + std::to_string(i), "anomaly", i * kQuiet);
  const auto begun = incidents_.begun();
  EXPECT_GT(add("10.0.1.1", "brute_force", 31 * kQuiet), begun) << "the first of its kind is an incident of its own";
}

TEST_F(IncidentsTest, TheNextDayHasItsOwnBudget) {
  for (int i = 0; i < 30; ++i) add("10.0.0." + std::to_string(i), "anomaly", i * kQuiet);
  EXPECT_EQ(incidents_.begun(), 24u);
  EXPECT_EQ(add("10.0.1.1", "anomaly", 30 * kQuiet + Incidents::kDay_ns), 25u);
}

TEST_F(IncidentsTest, MemoryIsBoundedWhateverComes) {
  Incidents incidents(kQuiet, 1e9);
  for (int i = 0; i < 3000; ++i) {
    Alert a = alert("10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250), "anomaly", kStart + i * kQuiet);
    incidents.add(a);
  }
  EXPECT_EQ(incidents.all().size(), Incidents::kMost);
  EXPECT_EQ(incidents.all().back().id, 3000u);
  Alert again = alert("10.1.0.1", "anomaly", kStart + 3001 * kQuiet);  // of an incident that is forgotten
  EXPECT_TRUE(incidents.add(again));

  Incidents outbreak(kQuiet, 24);
  for (std::uint32_t i = 0; i < 5000; ++i) {
    Alert a = alert("10.0.0.1", "horizontal_scan", kStart);
    a.host = IpAddress::v4(i + 1);
    outbreak.add(a);
  }
  ASSERT_EQ(outbreak.all().size(), 1u);
  EXPECT_EQ(outbreak.all()[0].alerts, 5000u);
  EXPECT_EQ(outbreak.all()[0].alerts_by_host.size(), Incident::kMostHosts);
  EXPECT_EQ(outbreak.all()[0].unnamed, 5000 - Incident::kMostHosts);
  EXPECT_EQ(outbreak.all()[0].timeline.size(), Incident::kMostEvents);
}

TEST_F(IncidentsTest, AClockSetBackLosesNoAlert) {
  EXPECT_EQ(add("10.0.0.1", "vertical_scan", kQuiet), 1u);
  EXPECT_EQ(add("10.0.0.1", "vertical_scan", 0), 1u);
  EXPECT_EQ(incidents_.all()[0].alerts, 2u);
}

}  // namespace
}  // namespace weir
