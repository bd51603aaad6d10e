#include "calibration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "forests.h"

namespace weir {
namespace {

TEST(TailThreshold, IsTheFormulaByHand) {
  // 0.00 .. 0.20 in steps of 0.01: the 90 % quantile is 0.18, above it lie 0.19 and 0.20, on average 0.015 away.
  std::vector<double> maxima;
  for (int i = 20; i >= 0; --i) maxima.push_back(i * 0.01);
  EXPECT_NEAR(tail_threshold(maxima, 1, true), 0.18 + 0.015 * std::log(2.0), 1e-12);
  EXPECT_NEAR(tail_threshold(maxima, 0.01, true), 0.18 + 0.015 * std::log(200.0), 1e-12);
  EXPECT_NEAR(tail_threshold(maxima, 5, true), 0.18, 1e-12);                   // more alarms than the tail has maxima
  EXPECT_NEAR(tail_threshold(maxima, 1), 0.18 + 0.02 * std::log(2.0), 1e-12);  // of two one is censored: (0.01 + 0.01) / 1
}

TEST(TailThreshold, HitsTheWantedCountOnAnExponentialTail) {
  // 1 - F(x) = exp(-(x - 0.4) / 0.03): of 50,000 draws 50,000 exp(-(t - 0.4) / 0.03) exceed t.
  Random random(11);
  std::vector<double> maxima;
  for (int i = 0; i < 50'000; ++i) maxima.push_back(0.4 - 0.03 * std::log(1 - random.uniform()));
  for (const double wanted : {0.1, 10.0, 1000.0}) {
    const double expected = 50'000 * std::exp(-(tail_threshold(maxima, wanted) - 0.4) / 0.03);
    // The mean of the k = 5,000 excesses is known to 1 / sqrt(k) of itself; three times that, where it is multiplied.
    const double tolerance = 3 / std::sqrt(5000.0) * (1 + std::log(5000 / wanted));
    EXPECT_NEAR(std::log(expected / wanted), 0, tolerance) << wanted;
  }
}

TEST(TailThreshold, AnAttackAmongTheTrafficDoesNotLiftIt) {
  std::vector<double> maxima;
  for (int i = 0; i < 240; ++i) maxima.push_back(i * 0.01);
  const double before = tail_threshold(maxima, 1);
  maxima[238] = 30;
  maxima[239] = 50;
  EXPECT_EQ(tail_threshold(maxima, 1), before);
  EXPECT_GT(tail_threshold(maxima, 1, true), before) << "of made traffic it counts as it is";
  // 24 above the 90 % quantile, two of them censored: (1 + 2 + ... + 22 + 2 * 22) / 22 hundredths, less what lies below.
  EXPECT_NEAR(before, 2.151 + (0.135 - 0.001 * 24 / 22) * std::log(24.0), 1e-9);
}

TEST(TailThreshold, TakesMaximaWithoutATail) {
  EXPECT_DOUBLE_EQ(tail_threshold({0.5, 0.5, 0.5}, 1), 0.5);
  EXPECT_DOUBLE_EQ(tail_threshold({0.7}, 1e-9), 0.7);
}

TEST(DealGroups, KeepsAHostInOneGroupAndFillsAllAlike) {
  const TrainingSet set = ordinary_rows(1000, 50, 1);
  const auto group = deal_groups(set, 1);
  std::map<std::uint32_t, std::set<std::uint32_t>> groups_of_host;
  std::vector<std::size_t> hosts(kGroups);
  for (std::size_t row = 0; row < group.size(); ++row) groups_of_host[set.host[row]].insert(group[row]);
  for (const auto& [host, groups] : groups_of_host) {
    ASSERT_EQ(groups.size(), 1U);
    ++hosts.at(*groups.begin());
  }
  EXPECT_EQ(hosts, std::vector<std::size_t>(kGroups, 10));
}

TEST(DealGroups, DependsOnTheSeedAndNotOnTheOrderOfRows) {
  TrainingSet set = ordinary_rows(1000, 50, 1);
  auto forwards = deal_groups(set, 1);
  EXPECT_NE(forwards, deal_groups(set, 2));
  std::reverse(set.host.begin(), set.host.end());
  auto backwards = deal_groups(set, 1);
  std::reverse(backwards.begin(), backwards.end());
  EXPECT_EQ(forwards, backwards);
}

TEST(DealGroups, CutsTimeWhereHostsAreFew) {
  TrainingSet set = ordinary_rows(1000, kMinHosts - 1, 1);
  std::reverse(set.time_ns.begin(), set.time_ns.end());
  const auto group = deal_groups(set, 1);
  for (std::size_t row = 1; row < group.size(); ++row)
    EXPECT_TRUE(group[row] <= group[row - 1] || set.time_ns[row] == set.time_ns[row - 1]) << row;
  for (std::uint32_t g = 0; g < kGroups; ++g) EXPECT_EQ(std::count(group.begin(), group.end(), g), 200);
}

TEST(HeldOutScores, NoRowIsJudgedByDetectorsThatKnowIt) {
  // One host does what nobody else does: held out, all of its windows look strange.
  TrainingSet set = ordinary_rows(1000, 50, 1);
  for (Eigen::Index row = 0; row < 1000; ++row)
    if (set.host[static_cast<std::size_t>(row)] == 7) set.features.row(row).array() += 12;
  const auto scores = held_out_scores(set, deal_groups(set, 1), {50, 256, 1}, false);
  double least_strange = 1e9, most_ordinary = 0;
  for (std::size_t row = 0; row < scores.size(); ++row) {
    if (set.host[row] == 7)
      least_strange = std::min(least_strange, scores[row]);
    else
      most_ordinary = std::max(most_ordinary, scores[row]);
  }
  EXPECT_GT(least_strange, most_ordinary);
}

TEST(BlockMaxima, AreOneForEachHostAndTenMinutes) {
  TrainingSet set;
  const std::int64_t second = 1'000'000'000;
  set.host = {1, 1, 1, 2};
  set.time_ns = {0, 599 * second, 600 * second, 0};
  const std::vector<double> scores = {0.4, 0.6, 0.5, 0.3};
  EXPECT_EQ(block_maxima(set, scores), (std::vector<double>{0.6, 0.5, 0.3}));
}

TEST(FindOutliers, AreOneRowInFiveHundredTheStrangestToOthers) {
  TrainingSet set = ordinary_rows(2000, 50, 1);
  for (const Eigen::Index row : {123, 700, 701, 1999}) set.features.row(row).array() += 9;
  EXPECT_EQ(find_outliers(set, {50, 256, 1}, kContamination), (std::vector<std::uint32_t>{123, 700, 701, 1999}));
  EXPECT_TRUE(find_outliers(ordinary_rows(499, 50, 1), {20, 64, 1}, kContamination).empty());
  EXPECT_EQ(find_outliers(ordinary_rows(499, 50, 1), {20, 64, 1}, 0.1).size(), 49);
}

TEST(HeldOutScores, OutliersHaveAScoreAndTeachNobody) {
  TrainingSet set = ordinary_rows(1000, 50, 1);
  const auto group = deal_groups(set, 1);
  const std::vector<std::uint32_t> outliers = {10, 20};
  const auto before = held_out_scores(set, group, {50, 256, 1}, false, outliers);
  for (const std::uint32_t row : outliers) set.features.row(row).array() += 100;
  const auto after = held_out_scores(set, group, {50, 256, 1}, false, outliers);
  for (std::uint32_t row = 0; row < 1000; ++row) {
    if (row == 10 || row == 20)
      EXPECT_GT(after[row], before[row]);
    else
      EXPECT_EQ(after[row], before[row]) << row;
  }
}

TEST(HeldOutScores, TeachOutliersWhereFewRowsAreLeftWithoutThem) {
  TrainingSet set = ordinary_rows(2000, 40, 1);
  std::vector<std::uint32_t> outliers;  // all rows of all hosts but one
  for (std::uint32_t row = 0; row < 2000; ++row) (row < 1960 ? set.host[row] = 0 : (outliers.push_back(row), set.host[row]));
  for (const double score : held_out_scores(set, deal_groups(set, 1), {50, 256, 1}, false, outliers))
    ASSERT_TRUE(std::isfinite(score) && score > 0);
}

TEST(Calibrate, GivesAboutTheBudgetOnNewHosts) {
  const TrainingSet known = ordinary_rows(12'000, 400, 1);  // 5 minutes of 400 hosts
  const GrowOptions grow{100, 256, 1};
  constexpr double kBudget = 10;  // in the time of the test below
  const double threshold = calibrate(known, grow, kBudget / known.hours * 24, false);

  const TrainingSet fresh = ordinary_rows(12'000, 400, 2);
  std::vector<double> scores;
  for (const Surprise& surprise : fit_detectors(table_of(known.features), grow).surprises(table_of(fresh.features).values))
    scores.push_back(surprise.most());
  const auto maxima = block_maxima(fresh, scores);
  const auto alarms = std::count_if(maxima.begin(), maxima.end(), [&](double score) { return score > threshold; });
  // Eight seeds gave 3 to 21; without the tail there would be 40.
  EXPECT_GE(alarms, 3);
  EXPECT_LE(alarms, 25);
}

TEST(Calibrate, StaysWhereTheScoresOfAForestAloneLive) {
  const TrainingSet set = ordinary_rows(1000, 50, 1);
  EXPECT_LT(calibrate(set, {20, 64, 1}, 1e-300, true), 1);
  EXPECT_GT(calibrate(set, {20, 64, 1}, 24, true), 0.4);
}

TEST(Calibrate, GivesFewerAlarmsToASmallNetwork) {
  TrainingSet set = ordinary_rows(1000, 50, 1);
  set.hours = 24;
  EXPECT_GE(calibrate(set, {20, 64, 1}, 24, false), std::log10(500));
  EXPECT_GE(calibrate(set, {20, 64, 1}, 1, false), std::log10(12'000));
}

TEST(Calibrate, NeverAlarmsOnWhatOneInTenDoes) {
  TrainingSet set = ordinary_rows(1000, 50, 1);
  set.features.setConstant(5);
  EXPECT_GE(calibrate(set, {20, 64, 1}, 24, false), 1);
  EXPECT_GE(calibrate(ordinary_rows(1000, 50, 1), {20, 64, 1}, 1e9, false), 1);
}

}  // namespace
}  // namespace weir
