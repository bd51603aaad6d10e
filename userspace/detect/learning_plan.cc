#include "detect/learning_plan.h"

#include <algorithm>
#include <cmath>

namespace weir {
namespace {

constexpr std::uint64_t kWindowsPerDay = 24 * kWindowsPerHour;

/// Windows until there are so many of something, at the rate so far.
std::optional<std::uint64_t> until(std::uint64_t wanted, std::uint64_t got, std::uint64_t windows) {
  if (got >= wanted) return 0;
  // Nothing is known yet, as on a line that was silent at the first tick: as fast as it can be. After an hour, it is.
  if (got == 0) return windows < kWindowsPerHour ? std::optional(wanted) : std::nullopt;
  return static_cast<std::uint64_t>(
      std::ceil(static_cast<double>(wanted - got) / static_cast<double>(got) * static_cast<double>(windows)));
}

}  // namespace

bool is_finished(const LearningState& state, bool has_model) { return has_model && state.trainings >= kTrainings; }

std::optional<std::uint64_t> windows_until_training(const LearningState& state, const LearningOptions& options,
                                                    bool has_model) {
  if (is_finished(state, has_model)) return std::nullopt;
  const auto& counts = state.lessons.counts;
  const bool is_first = state.trainings == 0 || !has_model;
  const std::uint64_t due = is_first ? options.hours * kWindowsPerHour : state.trained_at + kWindowsPerDay;
  const auto lessons = until(kLeastLessons, counts.lessons, counts.windows);
  const auto busy = until(kWindowsPerHour, counts.busy, counts.windows);
  if (!lessons || !busy) return std::nullopt;
  return std::max({due > counts.windows ? due - counts.windows : 0, *lessons, *busy});
}

}  // namespace weir
