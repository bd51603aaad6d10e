#include "detect/lessons_file.h"

#include <gtest/gtest.h>

#include <limits>

#include "model_seal.h"
#include "safetensors.h"
#include "support/windows.h"

namespace weir {
namespace {

using namespace test;

LearningState some_state() {
  LearningState state;
  for (int window = 0; window < 20; ++window) {
    HostWindow asked = ordinary_window("2001:db8::9", window);
    asked.role = Role::kDestination;
    asked.evidence.icmp_packets = 7;
    const ClosedWindow closed = closed_window(window, {ordinary_window("10.0.0.1", window), asked});
    Judgement judgement = no_finding(closed);
    if (window == 3) judgement.verdicts[0].kinds = {"syn_flood"};
    state.lessons.add(closed, judgement, {});
  }
  state.trainings = 2;
  state.trained_at = 15;
  return state;
}

/// What a file says, changed, with its hash put right.
template <class Change>
std::string error_after(Change change) {
  auto content = parse_safetensors(learning_to_bytes(some_state()).value()).value();
  change(content);
  content.metadata["sha256"] = std::string(64, '0');
  auto bytes = write_safetensors(content).value();
  seal(bytes);
  const auto state = learning_from_bytes(bytes);
  return state ? "" : state.error().what;
}

TEST(LessonsFile, GivesBackWhatWasWritten) {
  const LearningState before = some_state();
  const auto after = learning_from_bytes(learning_to_bytes(before).value());
  ASSERT_TRUE(after) << after.error().what;
  EXPECT_EQ(after->trainings, 2u);
  EXPECT_EQ(after->trained_at, 15u);
  const Lessons &a = before.lessons, &b = after->lessons;
  EXPECT_EQ(b.counts.windows, 20u);
  EXPECT_EQ(b.counts.lessons, a.counts.lessons);
  EXPECT_EQ(b.counts.flagged, a.counts.flagged);
  ASSERT_EQ(b.sources().size(), 19u);
  ASSERT_EQ(b.destinations().size(), 20u);
  EXPECT_EQ(b.destinations()[4].host, ip("2001:db8::9"));
  EXPECT_EQ(b.destinations()[4].icmp_packets, 7);
  EXPECT_EQ(a.training_set(1).features, b.training_set(1).features);
  EXPECT_EQ(a.training_set(1).time_ns, b.training_set(1).time_ns);
}

TEST(LessonsFile, AnEmptyOneToo) {
  const auto state = learning_from_bytes(learning_to_bytes({}).value());
  ASSERT_TRUE(state) << state.error().what;
  EXPECT_TRUE(state->lessons.sources().empty());
}

TEST(LessonsFile, EveryTruncationAndEveryFlippedByteIsAnError) {
  const auto bytes = learning_to_bytes(some_state()).value();
  for (std::size_t size = 0; size < bytes.size(); ++size)
    ASSERT_FALSE(learning_from_bytes(std::span(bytes).first(size))) << size;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto damaged = bytes;
    damaged[at] ^= 1;
    ASSERT_FALSE(learning_from_bytes(damaged)) << at;
  }
}

TEST(LessonsFile, WhatContradictsItselfIsNamed) {
  EXPECT_EQ(error_after([](Safetensors&) {}), "");
  EXPECT_NE(error_after([](auto& c) { c.metadata["format"] = "weir-lessons-2"; }).find("format"), std::string::npos);
  EXPECT_NE(error_after([](auto& c) { c.metadata["schema"] = "1"; }).find("another version"), std::string::npos);
  EXPECT_NE(error_after([](auto& c) { c.metadata["windows"] = "1"; }).find("contradict"), std::string::npos);
  EXPECT_NE(error_after([](auto& c) { c.metadata["windows"] = "18446744073709551615"; }).find("contradict"),
            std::string::npos);
  EXPECT_NE(error_after([](auto& c) { c.metadata["halvings"] = "64"; }).find("contradict"), std::string::npos);
  EXPECT_NE(error_after([](auto& c) { c.metadata["trainings"] = "-1"; }).find("trainings"), std::string::npos);
  EXPECT_NE(error_after([](auto& c) { c.metadata["flagged"] = "syn_flood"; }).find("flagged"), std::string::npos);
  EXPECT_NE(error_after([](auto& c) { c.metadata["beacons"] = "a\nb"; }).find("beacons"), std::string::npos);
  EXPECT_NE(error_after([](auto& c) { c.arrays.erase("source_features"); }).find("source_features"), std::string::npos);
  EXPECT_NE(error_after([](auto& c) {
              c.template put<std::uint32_t>("source_window", std::vector<std::uint32_t>(3));
            }).find("differ in rows"),
            std::string::npos);
  for (const char* name : {"source_window", "destination_window"})
    EXPECT_NE(error_after([name](auto& c) {
                auto windows = c.template get<std::uint32_t>(name).value();
                windows[0] = 1'701'016'181;  // a fuzzer's find: its nanoseconds overflow
                c.template put<std::uint32_t>(name, windows);
              }).find("2262"),
              std::string::npos);
  for (const float bad : {-1.0F, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()})
    EXPECT_NE(error_after([bad](auto& c) {
                auto values = c.template get<float>("source_features").value();
                values[5] = bad;
                c.template put<float>("source_features", values);
              }).find("not finite"),
              std::string::npos);
}

}  // namespace
}  // namespace weir
