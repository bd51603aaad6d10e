#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "detect/detector.h"
#include "detect/incidents.h"
#include "features/window_keeper.h"
#include "publish/alert_sink.h"

namespace weir {

/// Ticks in, alerts out: windows, then detection, then sinks. The same for live traffic and replay.
class Pipeline {
 public:
  /// Called for each closed window, before its alerts are written.
  using OnWindow = std::function<void(const ClosedWindow&, const Judgement&)>;
  /// Of silenced ones too.
  using OnAlert = std::function<void(const Alert&)>;

  Pipeline(const WindowOptions& windows, const DetectOptions& detect, std::shared_ptr<const Model> model);

  void on_window(OnWindow callback) { on_window_ = std::move(callback); }
  void on_alert(OnAlert callback) { on_alert_ = std::move(callback); }

  /// Goes on with another model, from the next window.
  void use(std::shared_ptr<const Model> model, bool only_observes) { detector_.use(std::move(model), only_observes); }

  /// Takes up what the rules of an earlier process learned of hosts.
  void restore(const Baselines& baselines, std::int64_t now_ns) { detector_.restore(baselines, now_ns); }
  /// Goes on by other options: the rules from now on, windows from the next one.
  void use(const WindowOptions& windows, const DetectOptions& detect);

  void add(const Snapshot& tick);
  /// The traffic has ended: judges what is open.
  void finish();

  const WindowKeeper& keeper() const { return keeper_; }
  const Detector& detector() const { return detector_; }
  const Incidents& incidents() const { return incidents_; }

 private:
  void judge(const ClosedWindow& window);
  void raise(Alert alert);

  WindowKeeper keeper_;
  Detector detector_;
  Incidents incidents_;
  OnWindow on_window_ = [](const ClosedWindow&, const Judgement&) {};
  OnAlert on_alert_ = [](const Alert&) {};
};

}  // namespace weir
