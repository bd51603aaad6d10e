#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "detect/learning_options.h"
#include "detect/lessons.h"

namespace weir {

enum class LearningPhase : std::uint8_t {
  kOff,       ///< the model is the operator's own, or none is wanted
  kLearning,  ///< the compiled-in model observes and raises nothing
  kLearned,   ///< a model of this traffic judges
};
constexpr std::string_view learning_phase_name(LearningPhase phase) {
  return phase == LearningPhase::kOff ? "off" : phase == LearningPhase::kLearning ? "learning" : "learned";
}

/// How far learning came.
struct LearningState {
  Lessons lessons;
  std::uint32_t trainings = 0;   ///< models made so far
  std::uint64_t trained_at = 0;  ///< the last one, in windows that the lessons had seen
};

/// Fewer are no base for a threshold, however long they took.
inline constexpr std::size_t kLeastLessons = 800;
inline constexpr std::uint64_t kWindowsPerHour = 360;
/// The first model, and one more after each day of its first week. Each is fitted anew to all that was learned since the
/// start, and not the threshold alone moved: a threshold belongs to the detectors that it was counted with, hosts that were
/// held out give it (a later day of hosts that the detectors know gave five times the alarms asked for), and what came since
/// (a week-end, a backup) is missing in the detectors themselves, too.
inline constexpr std::uint32_t kTrainings = 1 + 7;

/// Nothing more will be trained.
bool is_finished(const LearningState& state, bool has_model);

/// Windows yet to come before the next training; 0: it is due. nullopt: nobody can say, since nothing to learn from comes,
/// or learning is finished.
std::optional<std::uint64_t> windows_until_training(const LearningState& state, const LearningOptions& options,
                                                    bool has_model);

}  // namespace weir
