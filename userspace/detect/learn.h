#pragma once

#include <functional>

#include "base/result.h"
#include "detect/detect_options.h"
#include "detect/lessons.h"
#include "features/window_options.h"
#include "sensor/flow_source.h"
#include "trainer.h"

namespace weir {

struct LearnOptions {
  TrainOptions train;
  DetectOptions detect;  ///< windows that these rules flag, and windows under model.min_packets, are not learned
};

/// Everything that a source has to tell, as ordinary traffic. `after_window` is called after each.
[[nodiscard]] Result<Lessons> collect(FlowSource& source, const WindowOptions& windows, const DetectOptions& detect,
                                      const std::function<void(const Lessons&)>& after_window);

/// Trains a model on it.
[[nodiscard]] Result<Model> learn(FlowSource& source, const WindowOptions& windows, const LearnOptions& options);

}  // namespace weir
