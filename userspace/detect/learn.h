#pragma once

#include "base/result.h"
#include "detect/detect_options.h"
#include "features/window_options.h"
#include "sensor/flow_source.h"
#include "trainer.h"

namespace weir {

struct LearnOptions {
  TrainOptions train;
  DetectOptions detect;  ///< windows that these rules flag, and windows under model.min_packets, are not learned
};

/// Trains a model on all that a source has to tell, as ordinary traffic.
[[nodiscard]] Result<Model> learn(FlowSource& source, const WindowOptions& windows, const LearnOptions& options);

}  // namespace weir
