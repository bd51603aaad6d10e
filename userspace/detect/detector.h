#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "detect/alert.h"
#include "detect/detect_options.h"
#include "detect/repeats.h"
#include "detect/rule.h"
#include "detect/rules/beacon.h"
#include "features/host_window.h"
#include "model.h"

namespace weir {

/// What the detector makes of one host window.
struct Verdict {
  double score = 0;  ///< the greater of model and rules; 0 where neither has a say
  double model_score = 0;
  std::vector<std::string_view> kinds;    ///< what it is an alarm for, repeats included; empty: ordinary
  std::optional<Surprise> surprise = {};  ///< of each of the model's detectors, where it scored the window and has a scale
};

struct Judgement {
  std::vector<Verdict> verdicts;  ///< one a host, in the window's order
  std::vector<Alert> alerts;      ///< without repeats
};

/// Dual detection: rules and model side by side. A rule that names a host's window explains it: the model and the spike rule
/// then raise no second alarm for the same cause, nor for the victim's unusual answers.
class Detector {
 public:
  /// `model` may be nullptr (rules alone) and outlives the detector.
  Detector(const DetectOptions& options, const Model* model);

  /// The open window at the end of a tick: rules that do not wait for its end.
  std::vector<Alert> judge_tick(const std::vector<HostWindow>& open, std::int64_t time_ns);
  Judgement judge(const ClosedWindow& window);

  /// From now on judges with this one, also nullptr. A window is judged by one model: this takes effect between two.
  void use(const Model* model);

  /// Scores above raise `anomaly`; 1 without a model.
  double threshold() const { return threshold_; }
  std::uint64_t suppressed_repeats() const { return repeats_.suppressed(); }

 private:
  template <class Kind>
  void add_rule(const RuleOptions& options);
  void judge_rules(const ClosedWindow& window, Judgement& out);
  void judge_spikes(const ClosedWindow& window, Judgement& out);
  void judge_model(const ClosedWindow& window, Judgement& out);
  void note(const HostWindow& host, Finding finding, std::int64_t time_ns, Verdict& verdict, std::vector<Alert>& alerts);
  void raise(const HostWindow& host, Finding finding, std::int64_t time_ns, std::vector<Alert>& alerts);
  std::vector<Reason> explain(const FeatureVector& features) const;

  bool model_enabled_;
  std::optional<double> configured_threshold_;
  const Model* model_ = nullptr;
  double threshold_ = 1;
  std::uint32_t min_packets_;
  std::vector<std::unique_ptr<Rule>> rules_;
  BeaconRule* beacon_ = nullptr;   // one of rules_
  std::unique_ptr<Rule> spike_;    // after the others: speaks only where they are silent
  std::set<IpAddress> explained_;  // hosts of this window that a rule has named, and their victims
  Repeats repeats_;
};

}  // namespace weir
