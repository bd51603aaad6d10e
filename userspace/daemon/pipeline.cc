#include "daemon/pipeline.h"

namespace weir {

Pipeline::Pipeline(const WindowOptions& windows, const DetectOptions& detect, const Model* model)
    : keeper_(windows), detector_(detect, model) {}

void Pipeline::add(const Snapshot& tick) {
  keeper_.add(tick, [this](ClosedWindow& window) { judge(window); });
  for (const Alert& alert : detector_.judge_tick(keeper_.open_hosts(), tick.end_ns)) on_alert_(alert);
}

void Pipeline::finish() {
  keeper_.finish([this](ClosedWindow& window) { judge(window); });
}

void Pipeline::judge(const ClosedWindow& window) {
  const Judgement judgement = detector_.judge(window);
  on_window_(window, judgement);
  for (const Alert& alert : judgement.alerts) on_alert_(alert);
}

}  // namespace weir
