#include "daemon/pipeline.h"

#include <utility>

namespace weir {
namespace {

std::int64_t quiet_ns_of(const DetectOptions& detect) { return std::int64_t{detect.repeat_after_s} * 1'000'000'000; }

}  // namespace

Pipeline::Pipeline(const WindowOptions& windows, const DetectOptions& detect, std::shared_ptr<const Model> model)
    : keeper_(windows), detector_(detect, std::move(model)), incidents_(quiet_ns_of(detect), detect.budget_per_day) {}

void Pipeline::use(const WindowOptions& windows, const DetectOptions& detect) {
  keeper_.use(windows);
  detector_.use(detect);
  incidents_.use(quiet_ns_of(detect), detect.budget_per_day);
}

void Pipeline::add(const Snapshot& tick) {
  keeper_.add(tick, [this](ClosedWindow& window) { judge(window); });
  for (const Alert& alert : detector_.judge_tick(keeper_.open_hosts(), tick.end_ns)) raise(alert);
}

void Pipeline::finish() {
  keeper_.finish([this](ClosedWindow& window) { judge(window); });
}

void Pipeline::judge(const ClosedWindow& window) {
  const Judgement judgement = detector_.judge(window);
  on_window_(window, judgement);
  for (const Alert& alert : judgement.alerts) raise(alert);
  incidents_.add(window, judgement.verdicts);
}

void Pipeline::raise(Alert alert) {
  if (!alert.silenced) incidents_.add(alert);
  on_alert_(alert);
}

}  // namespace weir
