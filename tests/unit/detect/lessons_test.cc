#include "detect/lessons.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "support/windows.h"

namespace weir {
namespace {

using namespace test;

constexpr int kWindowsPerBlock = 60;  // of 10 minutes

std::string host_name(int number) { return "10.0.0." + std::to_string(number); }

/// `hosts` sources, each in each of `windows` windows.
void add_ordinary(Lessons& lessons, int hosts, int windows, int first = 0) {
  for (int window = first; window < first + windows; ++window) {
    std::vector<HostWindow> all;
    for (int host = 0; host < hosts; ++host) all.push_back(ordinary_window(host_name(host), window));
    const ClosedWindow closed = closed_window(window, std::move(all));
    lessons.add(closed, no_finding(closed), {});
  }
}

TEST(Lessons, KeepsWhatItWasShown) {
  Lessons lessons;
  add_ordinary(lessons, 3, 10);
  EXPECT_EQ(lessons.sources().size(), 30u);
  EXPECT_EQ(lessons.counts.lessons, 30u);
  EXPECT_EQ(lessons.counts.busy, 10u);
  EXPECT_EQ(lessons.hosts(), 3u);
  EXPECT_EQ(lessons.share(), 1);
  EXPECT_DOUBLE_EQ(lessons.hours(), 10 * 10 / 3600.0);
  const TrainingSet set = lessons.training_set(2);
  EXPECT_EQ(set.features.rows(), 30);
  EXPECT_EQ(set.host, (std::vector<std::uint32_t>{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2,
                                                  0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(set.time_ns.back(), kStart + 9 * kWindow_ns);
  EXPECT_EQ(set.hours, 2);
}

TEST(Lessons, WhatARuleFlagsStaysOutAndIsCountedByItsKind) {
  Lessons lessons;
  const ClosedWindow window = closed_window(0, {ordinary_window("10.0.0.1", 0), ordinary_window("10.0.0.2", 0),
                                                ordinary_window("10.0.0.3", 0), ordinary_window("10.0.0.4", 0)});
  Judgement judgement = no_finding(window);
  judgement.verdicts[0].kinds = {"vertical_scan", "syn_flood"};
  judgement.verdicts[1].kinds = {kAnomaly};          // the model's own finding is no reason to forget it
  judgement.verdicts[2].kinds = {kBeacon};           // a device that calls home is ordinary
  judgement.verdicts[3].silenced = {"brute_force"};  // expected by the operator, but nothing that others do
  lessons.add(window, judgement, {});
  EXPECT_EQ(lessons.counts.lessons, 2u);
  EXPECT_EQ(lessons.counts.flagged,
            (std::map<std::string, std::uint64_t, std::less<>>{{"brute_force", 1}, {"syn_flood", 1}, {"vertical_scan", 1}}));
}

TEST(Lessons, WindowsWithFewPacketsStayOut) {
  Lessons lessons;
  HostWindow tiny = ordinary_window("10.0.0.1", 0);
  tiny.packets = 9;
  const ClosedWindow window = closed_window(0, {tiny});
  lessons.add(window, no_finding(window), {});
  EXPECT_EQ(lessons.counts.lessons, 0u);
  EXPECT_EQ(lessons.counts.busy, 0u);
  EXPECT_EQ(lessons.counts.windows, 1u);
}

TEST(Lessons, FullTheyLeaveOutWholeStretchesAndTheHoursWithThem) {
  Lessons lessons(5000);
  constexpr int kHosts = 40, kBlocks = 20;
  add_ordinary(lessons, kHosts, kBlocks * kWindowsPerBlock);
  EXPECT_EQ(lessons.counts.lessons, static_cast<std::uint64_t>(kHosts * kBlocks * kWindowsPerBlock));
  EXPECT_LE(lessons.sources().size(), 5000u);
  EXPECT_LE(lessons.bytes(), 5000u * (sizeof(Lesson) + sizeof(DestinationLesson)) * 2);
  std::map<std::pair<IpAddress, std::uint32_t>, int> blocks;
  for (const Lesson& lesson : lessons.sources()) ++blocks[{lesson.host, lesson.window / kWindowsPerBlock}];
  // kStart lies within a block, so the first and the last one of a host are shorter.
  const auto first = static_cast<std::uint32_t>(kStart / kWindow_ns);
  for (const auto& [block, windows] : blocks) {
    const std::uint32_t begin = std::max(first, block.second * kWindowsPerBlock);
    const std::uint32_t end = std::min(first + kBlocks * kWindowsPerBlock, (block.second + 1) * kWindowsPerBlock);
    EXPECT_EQ(windows, static_cast<int>(end - begin)) << block.first.to_string();
  }
  const auto all = static_cast<double>(kHosts * (kBlocks + 1));
  EXPECT_NEAR(static_cast<double>(blocks.size()) / all, lessons.share(), 0.25 * lessons.share());
  EXPECT_GT(lessons.hosts(), kHosts / 2u);
  EXPECT_DOUBLE_EQ(lessons.training_set(24).hours, 24 * lessons.share());
}

TEST(Lessons, AClockThatIsSetBackAddsTimeAndNothingElse) {
  Lessons lessons;
  add_ordinary(lessons, 2, 100);
  add_ordinary(lessons, 2, 100, -5000);
  add_ordinary(lessons, 2, 100, 500'000'000 / 10);
  EXPECT_DOUBLE_EQ(lessons.hours(), 300 * 10 / 3600.0);
  EXPECT_EQ(lessons.sources().size(), 600u);
}

TEST(Lessons, ForgetGivesTheMemoryBack) {
  Lessons lessons;
  add_ordinary(lessons, 3, 10);
  lessons.forget();
  EXPECT_EQ(lessons.bytes(), 0u);
  EXPECT_EQ(lessons.counts.lessons, 30u);
}

}  // namespace
}  // namespace weir
