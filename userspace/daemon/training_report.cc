#include "daemon/training_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/learning_store.h"

namespace weir {
namespace {

constexpr std::size_t kMostShown = 5;

/// The quantity that made it strange, beside what is usual.
std::string reason_of(const Lesson& lesson, const Model& model) {
  FeatureVector features;
  std::ranges::copy(lesson.features, features.begin());
  const FeatureVector parts = model.contributions(features);
  const auto most = static_cast<std::size_t>(std::ranges::max_element(parts) - parts.begin());
  const NormalRange* normal = model.normal(kFeatures[most].name);
  const std::string usual = normal == nullptr ? "" : fmt::format(" (seldom over {:.4g})", normal->p99);
  return fmt::format("{} {:.4g}{}", kFeatures[most].name, features[most], usual);
}

std::string outliers_text(const Lessons& lessons, const Trained& trained) {
  if (trained.outliers.empty()) return "";
  std::string out = fmt::format("{} windows kept out as the most unusual; of these the first:\n", trained.outliers.size());
  for (std::size_t i = 0; i < std::min(kMostShown, trained.outliers.size()); ++i) {
    const Lesson& lesson = lessons.sources()[trained.outliers[i]];
    out += fmt::format("  {} {} surprise {:.1f}: {}\n", minute_text(std::int64_t{lesson.window} * kWindow_ns),
                       lesson.host.to_string(), trained.surprise[i], reason_of(lesson, trained.model));
  }
  return out;
}

}  // namespace

std::string render_training_report(const Lessons& lessons, const Trained& trained, double hours, double alarms_per_day) {
  std::string out = fmt::format("{} windows of {} hosts in {:.2f} hours\n", lessons.counts.lessons, lessons.hosts(), hours);
  if (lessons.share() < 1)
    out += fmt::format("of these, {} are kept to learn from: 1 in {:g} stretches of 10 minutes of a host\n",
                       lessons.sources().size(), 1 / lessons.share());
  for (const auto& [kind, count] : lessons.counts.flagged) out += fmt::format("{} windows left out: {}\n", count, kind);
  out += outliers_text(lessons, trained);
  out += fmt::format(
      "alarms above surprise {:.2f}, set for {:g} a day on hosts not seen before; this traffic itself raises {}\n",
      trained.model.own_threshold(), alarms_per_day, trained.alarms);
  return out;
}

}  // namespace weir
