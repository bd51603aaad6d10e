#include "detect/detector.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/flow_records.h"
#include "support/small_model.h"

namespace weir {
namespace {

using namespace test;

HostWindow source(const std::string& host, std::uint64_t packets) {
  HostWindow w;
  w.host = ip(host);
  w.start_ns = kStart;
  w.end_ns = kStart + kWindow_ns;
  w.packets = packets;
  return w;
}

ClosedWindow window_of(std::vector<HostWindow> hosts, int number = 0) {
  ClosedWindow w;
  w.start_ns = kStart + number * kWindow_ns;
  w.end_ns = w.decided_ns = w.start_ns + kWindow_ns;
  for (HostWindow& h : hosts) h.start_ns = w.start_ns;
  w.hosts = std::move(hosts);
  return w;
}

class DetectorTest : public ::testing::Test {
 protected:
  std::vector<std::string> kinds(const ClosedWindow& w) {
    std::vector<std::string> out;
    for (const Alert& a : detector_.judge(w).alerts) out.push_back(std::string(a.kind) + " " + a.host.to_string());
    return out;
  }
  HostWindow scanner(std::uint32_t ports) {
    HostWindow h = source("10.0.0.1", 1000);
    h.evidence.ports_probed = ports;
    h.evidence.probed_host = ip("10.0.0.2");
    return h;
  }
  HostWindow busy(const std::string& host) {
    HostWindow h = source(host, 100'000);
    h.features[feature_index("packets_per_second")] = 10'000;
    return h;
  }

  std::shared_ptr<const Model> model_ = std::make_shared<const Model>(small_model());
  DetectOptions options_;
  Detector detector_{options_, model_};
};

using Kinds = std::vector<std::string>;

TEST_F(DetectorTest, ScanFiresAtItsThresholdAndSaysWhy) {
  EXPECT_EQ(kinds(window_of({scanner(19)})), Kinds{});
  const Judgement j = detector_.judge(window_of({scanner(20)}));
  ASSERT_EQ(j.alerts.size(), 1u);
  EXPECT_EQ(j.alerts[0].kind, "vertical_scan");
  EXPECT_DOUBLE_EQ(j.alerts[0].score, 0.9);
  ASSERT_EQ(j.alerts[0].why.size(), 1u);
  EXPECT_EQ(j.alerts[0].why[0].feature, kPortsProbed);
  EXPECT_EQ(j.alerts[0].why[0].value, 20);
  EXPECT_EQ(j.alerts[0].why[0].p99, 2);
  EXPECT_DOUBLE_EQ(j.verdicts[0].score, 0.9);
}

TEST_F(DetectorTest, TheSameAlarmComesOnceInTenMinutes) {
  EXPECT_EQ(kinds(window_of({scanner(50)}, 0)).size(), 1u);
  EXPECT_EQ(kinds(window_of({scanner(50)}, 59)).size(), 0u);
  EXPECT_EQ(detector_.judge(window_of({scanner(50)}, 59)).verdicts[0].kinds.size(), 1u);  // the window is one all the same
  EXPECT_EQ(kinds(window_of({scanner(50)}, 60)).size(), 1u);
  EXPECT_EQ(detector_.suppressed_repeats(), 2u);
}

TEST_F(DetectorTest, SynFloodNeedsOneServiceAndMostlyFailures) {
  HostWindow h = source("10.0.0.1", 2000);
  h.evidence.syn_packets = 2000;
  h.evidence.half_open_syn = 1000;
  h.evidence.half_open_to_service = 499;
  EXPECT_EQ(kinds(window_of({h})), Kinds{});
  h.evidence.half_open_to_service = 500;
  EXPECT_EQ(kinds(window_of({h}, 1)), Kinds{"syn_flood 10.0.0.1"});
  h.host = ip("10.0.0.5");
  h.evidence.syn_packets = 2001;  // a busy proxy: most of its attempts succeed
  EXPECT_EQ(kinds(window_of({h}, 2)), Kinds{});
}

TEST_F(DetectorTest, FloodOverManyPortsIsTheDestinationsAlone) {
  HostWindow h = source("10.0.0.1", 20'000);
  h.evidence.syn_packets = h.evidence.half_open_syn = 20'000;
  h.evidence.half_open_to_service = 1;
  EXPECT_EQ(kinds(window_of({h})), Kinds{});
  h.role = Role::kDestination;
  EXPECT_EQ(kinds(window_of({h})), Kinds{"syn_flood 10.0.0.1"});
}

TEST_F(DetectorTest, FloodsAreJudgedAtTicksAndNotRepeatedAtTheEnd) {
  HostWindow h = source("10.0.0.1", 600);
  h.evidence.icmp_packets = 300;
  const auto alerts = detector_.judge_tick({h}, kStart + kSecond);
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts[0].kind, "icmp_flood");
  EXPECT_EQ(alerts[0].time_ns, kStart + kSecond);
  EXPECT_EQ(kinds(window_of({h})), Kinds{});
  EXPECT_TRUE(detector_.judge_tick({scanner(1000)}, kStart).empty());  // a scan waits for its window
}

TEST_F(DetectorTest, DestinationOfManyPingsIsNoFloodYet) {
  HostWindow h = source("10.0.0.1", 3000);
  h.role = Role::kDestination;
  h.evidence.icmp_packets = 2999;
  EXPECT_EQ(kinds(window_of({h})), Kinds{});
  h.evidence.icmp_packets = 3000;
  EXPECT_EQ(kinds(window_of({h})), Kinds{"icmp_flood 10.0.0.1"});
}

TEST_F(DetectorTest, ModelAlarmsAboveItsThresholdWithTheFeatureThatMadeIt) {
  const Judgement j = detector_.judge(window_of({busy("10.0.0.7"), source("10.0.0.8", 50)}));
  ASSERT_EQ(j.alerts.size(), 1u);
  EXPECT_EQ(j.alerts[0].kind, kAnomaly);
  EXPECT_EQ(j.alerts[0].host, ip("10.0.0.7"));
  EXPECT_EQ(j.alerts[0].why[0].feature, "packets_per_second");
  EXPECT_GT(j.alerts[0].why[0].contribution, 0);
  EXPECT_EQ(j.alerts[0].why[0].p99, 20);
  EXPECT_LT(j.verdicts[1].score, 0.6);
}

TEST_F(DetectorTest, ARuleExplainsTheHostAndItsVictim) {
  HostWindow attacker = busy("10.0.0.1");
  attacker.evidence.ports_probed = 1000;
  attacker.evidence.probed_host = ip("10.0.0.2");
  EXPECT_EQ(kinds(window_of({busy("10.0.0.2"), attacker, busy("10.0.0.3")})),
            (Kinds{"vertical_scan 10.0.0.1", "anomaly 10.0.0.3"}));
}

TEST_F(DetectorTest, TinyWindowsAreNotScored) {
  HostWindow h = busy("10.0.0.7");
  h.packets = 9;
  EXPECT_EQ(detector_.judge(window_of({h})).verdicts[0].score, 0);
}

TEST_F(DetectorTest, AnotherModelTakesOverBetweenTwoWindows) {
  const auto first = std::make_shared<const Model>(small_model());
  ForestArrays arrays;
  arrays.samples = 256;
  arrays.columns = kFeatureCount;
  arrays.root = {0};
  arrays.feature = {0};
  arrays.threshold = {0};
  arrays.left = arrays.right = {0};
  arrays.rows = {256};
  arrays.value = {3};
  const auto second = std::make_shared<const Model>(Forest(arrays), 0.7, std::vector<NormalRange>(), Provenance());
  DetectOptions options;
  Detector detector(options, first);
  std::vector<HostWindow> hosts;
  for (int i = 0; i < 100; ++i) hosts.push_back(source("10.0.1." + std::to_string(i), 100));
  const auto score_of = [&](int number) {
    const Judgement judgement = detector.judge(window_of(hosts, number));
    for (const Verdict& verdict : judgement.verdicts) EXPECT_EQ(verdict.model_score, judgement.verdicts[0].model_score);
    return judgement.verdicts[0].model_score;
  };
  EXPECT_EQ(score_of(0), first->score(hosts[0].features).score);
  detector.use(second);
  EXPECT_EQ(detector.threshold(), 0.7);
  EXPECT_EQ(score_of(1), second->score(hosts[0].features).score);
  EXPECT_NE(score_of(2), first->score(hosts[0].features).score);
  detector.use(nullptr);
  EXPECT_EQ(detector.threshold(), 1);
  EXPECT_EQ(score_of(3), 0);
}

TEST_F(DetectorTest, AModelThatOnlyObservesGivesScoresAndRaisesNothing) {
  detector_.use(model_, true);
  EXPECT_EQ(detector_.threshold(), 1);
  const Judgement j = detector_.judge(window_of({busy("10.0.0.7"), scanner(30)}));
  ASSERT_EQ(j.alerts.size(), 1u);
  EXPECT_EQ(j.alerts[0].kind, "vertical_scan");
  EXPECT_TRUE(j.verdicts[0].is_ordinary());
  EXPECT_GT(j.verdicts[0].model_score, model_->threshold());
  detector_.use(model_);
  EXPECT_EQ(kinds(window_of({busy("10.0.0.7")}, 1)), Kinds{"anomaly 10.0.0.7"});
}

TEST_F(DetectorTest, WithoutModelOnlyRulesSpeak) {
  Detector rules(options_, nullptr);
  const Judgement j = rules.judge(window_of({busy("10.0.0.7"), scanner(30)}));
  ASSERT_EQ(j.alerts.size(), 1u);
  EXPECT_EQ(j.verdicts[0].score, 0);
  EXPECT_EQ(rules.threshold(), 1);
}

TEST_F(DetectorTest, RulesCanBeSwitchedOff) {
  options_.vertical_scan.enabled = false;
  options_.model.enabled = false;
  Detector quiet(options_, model_);
  EXPECT_TRUE(quiet.judge(window_of({scanner(1000), busy("10.0.0.7")})).alerts.empty());
}

TEST_F(DetectorTest, AnAllowedAlarmIsJudgedAndDeliveredToNobody) {
  options_.allow = {{SilenceCause::kAllowed, "our scanner", {*HostMatch::parse("source:10.0.0.1")}, {"vertical_scan"}, {}}};
  Detector d(options_, model_);
  const Judgement j = d.judge(window_of({scanner(50), busy("10.0.0.2")}));
  ASSERT_EQ(j.alerts.size(), 1u) << "and it explains its victim all the same";
  ASSERT_TRUE(j.alerts[0].silenced);
  EXPECT_EQ(j.alerts[0].silenced->cause, SilenceCause::kAllowed);
  EXPECT_EQ(j.alerts[0].silenced->name, "our scanner");
  EXPECT_EQ(j.alerts[0].other, ip("10.0.0.2"));
  EXPECT_TRUE(j.verdicts[0].kinds.empty());
  EXPECT_EQ(j.verdicts[0].silenced, std::vector<std::string_view>{"vertical_scan"});
  EXPECT_FALSE(j.verdicts[0].is_ordinary()) << "nothing to learn from";
  HostWindow another = scanner(50);
  another.host = ip("10.0.0.3");
  EXPECT_FALSE(d.judge(window_of({another})).alerts[0].silenced);
}

TEST_F(DetectorTest, WhatStillGoesOnWhenASilenceEndsIsTold) {
  const Moment end{(kStart + 3 * kWindow_ns) / kSecond};
  options_.mutes = {{SilenceCause::kMuted, "x", {*HostMatch::parse("10.0.0.1")}, {}, {{}, end, {}}}};
  Detector d(options_, model_);
  EXPECT_TRUE(d.judge(window_of({scanner(50)}, 0)).alerts[0].silenced);
  EXPECT_TRUE(d.judge(window_of({scanner(50)}, 1)).alerts.empty()) << "once, as of any alarm";
  const Judgement after = d.judge(window_of({scanner(50)}, 2));
  ASSERT_EQ(after.alerts.size(), 1u);
  EXPECT_FALSE(after.alerts[0].silenced);
}

TEST_F(DetectorTest, TheModelsAlarmsAndThoseOfTicksCanBeSilencedToo) {
  options_.allow = {{SilenceCause::kAllowed, "x", {*HostMatch::parse("10.0.0.0/24")}, {"anomaly", "icmp_flood"}, {}}};
  Detector d(options_, model_);
  const Judgement j = d.judge(window_of({busy("10.0.0.7"), busy("10.0.1.7")}));
  ASSERT_EQ(j.alerts.size(), 2u);
  EXPECT_TRUE(j.alerts[0].silenced);
  EXPECT_FALSE(j.alerts[1].silenced);
  HostWindow h = source("10.0.0.1", 600);
  h.evidence.icmp_packets = 300;
  EXPECT_TRUE(d.judge_tick({h}, kStart).at(0).silenced);
}

TEST_F(DetectorTest, AGroupHasThresholdsOfItsOwn) {
  options_.groups = {{"scanners", {*IpPrefix::parse("10.0.0.0/30")}, {{"vertical_scan", 40}, {"model", 1}}, {}},
                     {"quiet", {*IpPrefix::parse("10.0.0.0/24")}, {}, {"vertical_scan", "model"}}};
  Detector d(options_, model_);
  const auto named = [&](HostWindow h, const std::string& host) {
    h.host = ip(host);
    return d.judge(window_of({h})).alerts.size();
  };
  EXPECT_EQ(named(scanner(39), "10.0.0.1"), 0u);
  EXPECT_EQ(named(scanner(40), "10.0.0.1"), 1u);
  EXPECT_EQ(named(busy("10.0.0.0"), "10.0.0.2"), 0u);
  EXPECT_EQ(named(scanner(1000), "10.0.0.9"), 0u) << "in the second group, which has it off";
  EXPECT_EQ(named(busy("10.0.0.0"), "10.0.0.9"), 0u);
  EXPECT_EQ(named(scanner(20), "10.0.1.1"), 1u) << "in none";
  EXPECT_EQ(named(busy("10.0.0.0"), "10.0.1.2"), 1u);
  EXPECT_EQ(d.group_of(ip("10.0.0.1"))->name, "scanners");
  EXPECT_EQ(d.group_of(ip("10.0.1.1")), nullptr);
  EXPECT_EQ(d.options_for(d.group_of(ip("10.0.0.1"))).vertical_scan.threshold, 40);
}

TEST_F(DetectorTest, SpikeSpeaksAgainstTheHostsOwnPast) {
  options_.model.enabled = false;
  Detector d(options_, model_);
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(d.judge(window_of({source("10.0.0.1", 100)}, i)).alerts.empty());
  const Judgement j = d.judge(window_of({source("10.0.0.1", 5000), source("10.0.0.2", 5000)}, 6));  // .2 has no past
  ASSERT_EQ(j.alerts.size(), 1u);
  EXPECT_EQ(j.alerts[0].kind, "traffic_spike");
  EXPECT_EQ(j.alerts[0].host, ip("10.0.0.1"));
  EXPECT_NEAR(j.alerts[0].why[0].p50, 100, 1);
}

TEST_F(DetectorTest, OtherOptionsHoldAtOnceAndWhatWasLearnedAndToldStays) {
  options_.model.enabled = false;
  detector_.use(options_);
  for (int i = 0; i < 12; ++i) EXPECT_EQ(kinds(window_of({source("10.0.0.1", 100)}, i)), Kinds{});
  EXPECT_EQ(kinds(window_of({scanner(20)}, 12)).size(), 1u);
  DetectOptions other = options_;
  other.vertical_scan.threshold = 10;
  other.groups = {{"servers", {*IpPrefix::parse("10.0.0.1")}, {{"vertical_scan", 15}}, {}}};
  detector_.use(other);
  EXPECT_EQ(detector_.options_for(detector_.group_of(ip("10.0.0.1"))).vertical_scan.threshold, 15);
  EXPECT_EQ(kinds(window_of({scanner(15)}, 13)), Kinds{}) << "told a moment ago";
  EXPECT_EQ(detector_.judge(window_of({scanner(15)}, 13)).verdicts[0].kinds.size(), 1u);
  EXPECT_EQ(detector_.judge(window_of({scanner(14)}, 14)).verdicts[0].kinds.size(), 0u);
  EXPECT_EQ(kinds(window_of({source("10.0.0.1", 100'000)}, 15)), Kinds{"traffic_spike 10.0.0.1"}) << "against the past";
}

TEST_F(DetectorTest, SpikeIsSilentWhereAnotherRuleExplains) {
  options_.model.enabled = false;
  Detector d(options_, model_);
  for (int i = 0; i < 6; ++i) d.judge(window_of({source("10.0.0.1", 100), source("10.0.0.2", 100)}, i));
  HostWindow attacker = scanner(1000);
  attacker.packets = 5000;
  const Judgement j = d.judge(window_of({source("10.0.0.2", 5000), attacker}, 6));
  ASSERT_EQ(j.alerts.size(), 1u);
  EXPECT_EQ(j.alerts[0].kind, "vertical_scan");
}

TEST_F(DetectorTest, SlowGrowthIsNoSpike) {
  options_.model.enabled = false;
  Detector d(options_, model_);
  double packets = 500;
  for (int i = 0; i < 60; ++i, packets *= 1.1)
    EXPECT_TRUE(d.judge(window_of({source("10.0.0.1", static_cast<std::uint64_t>(packets))}, i)).alerts.empty()) << i;
}

TEST(Repeats, AClockSetBackIsNoRepeat) {
  Repeats repeats(600 * kSecond);
  EXPECT_TRUE(repeats.is_new(ip("10.0.0.1"), Role::kSource, "x", kStart));
  EXPECT_FALSE(repeats.is_new(ip("10.0.0.1"), Role::kSource, "x", kStart + 599 * kSecond));
  EXPECT_TRUE(repeats.is_new(ip("10.0.0.1"), Role::kDestination, "x", kStart));
  EXPECT_TRUE(repeats.is_new(ip("10.0.0.1"), Role::kSource, "x", kStart - 1));
}

}  // namespace
}  // namespace weir
