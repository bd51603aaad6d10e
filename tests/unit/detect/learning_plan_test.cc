#include "detect/learning_plan.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

LearningState after(std::uint64_t windows, std::uint64_t busy, std::uint64_t lessons) {
  LearningState state;
  state.lessons.counts.windows = windows;
  state.lessons.counts.busy = busy;
  state.lessons.counts.lessons = lessons;
  return state;
}

LearningOptions hours(std::uint32_t number) {
  LearningOptions options;
  options.hours = number;
  return options;
}

TEST(LearningPlan, NeedsTimeWindowsAndAnHourOfTraffic) {
  EXPECT_EQ(windows_until_training(after(8640, 8640, 9000), hours(24), false), 0u);
  EXPECT_EQ(windows_until_training(after(8639, 8639, 9000), hours(24), false), 1u);
  EXPECT_EQ(windows_until_training(after(8640, 8640, 799), hours(24), false), 11u);  // 10.8 windows at this rate
  EXPECT_EQ(windows_until_training(after(8640, 359, 9000), hours(24), false), 25u);  // 24.07 windows for one more
  EXPECT_EQ(windows_until_training(after(0, 0, 0), hours(1), false), 800u);  // one window each 10 s: nothing better is known
}

TEST(LearningPlan, AfterAnHourWithoutTrafficNobodyCanSay) {
  EXPECT_EQ(windows_until_training(after(359, 0, 0), hours(1), false), 800u);  // it may yet come
  EXPECT_EQ(windows_until_training(after(360, 0, 0), hours(1), false), std::nullopt);
}

TEST(LearningPlan, CalibratesAfterEachDayOfTheFirstWeekAndThenNoMore) {
  LearningState state = after(8640, 8640, 9000);
  for (std::uint32_t model = 1; model < kTrainings; ++model) {
    state.trainings = model;
    state.trained_at = state.lessons.counts.windows;
    EXPECT_EQ(windows_until_training(state, hours(24), true), 8640u);
    state.lessons.counts.windows += 8640;
    EXPECT_EQ(windows_until_training(state, hours(24), true), 0u);
  }
  state.trainings = kTrainings;
  EXPECT_EQ(state.lessons.counts.windows, 8u * 8640);
  EXPECT_EQ(windows_until_training(state, hours(24), true), std::nullopt);
  EXPECT_TRUE(is_finished(state, true));
  EXPECT_EQ(windows_until_training(state, hours(24), false), 0u);  // somebody took the model away
}

TEST(LearningPlan, AModelWhoseLessonsAreLostIsMadeAnewLikeTheFirst) {
  EXPECT_EQ(windows_until_training(after(360, 360, 9000), hours(2), true), 360u);
}

}  // namespace
}  // namespace weir
