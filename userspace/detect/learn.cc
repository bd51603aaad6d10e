#include "detect/learn.h"

#include "detect/detector.h"
#include "features/window_keeper.h"

namespace weir {
namespace {

/// A window in which a device calls home is as ordinary as its others.
DetectOptions rules_of(DetectOptions options) {
  options.beacon.enabled = false;
  return options;
}

}  // namespace

Result<Lessons> collect(FlowSource& source, const WindowOptions& windows, const DetectOptions& detect,
                        const std::function<void(const Lessons&)>& after_window) {
  Lessons lessons;
  Detector rules(rules_of(detect), nullptr);
  WindowKeeper keeper(windows);
  const auto done = observe(source, keeper, [&](ClosedWindow& window) {
    lessons.add(window, rules.judge(window), detect);
    after_window(lessons);
  });
  if (!done) return tl::make_unexpected(done.error());
  return lessons;
}

Result<Model> learn(FlowSource& source, const WindowOptions& windows, const LearnOptions& options) {
  const auto lessons = collect(source, windows, options.detect, [](const Lessons&) {});
  if (!lessons) return tl::make_unexpected(lessons.error());
  return train(lessons->training_set(lessons->span_hours()), options.train);
}

}  // namespace weir
