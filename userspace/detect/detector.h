#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "detect/alert.h"
#include "detect/detect_options.h"
#include "detect/repeats.h"
#include "detect/rule_set.h"
#include "features/host_window.h"
#include "model.h"

namespace weir {

/// What the detector makes of one host window.
struct Verdict {
  double score = 0;  ///< the greater of model and rules; 0 where neither has a say
  double model_score = 0;
  std::vector<std::string_view> kinds;    ///< what it is an alarm for, repeats included; empty: ordinary
  std::optional<Surprise> surprise = {};  ///< of each of the model's detectors, where it scored the window and has a scale
  std::vector<std::string_view> silenced = {};  ///< what it would be an alarm for, did the operator not expect it
  std::vector<std::string> texts = {};          ///< what each rule that named it says

  bool is_ordinary() const { return kinds.empty() && silenced.empty(); }
};

struct Judgement {
  std::vector<Verdict> verdicts;  ///< one a host, in the window's order
  std::vector<Alert> alerts;      ///< without repeats
};

/// Dual detection: rules and model side by side. A rule that names a host's window explains it: the model and the spike rule
/// then raise no second alarm for the same cause, nor for the victim's unusual answers.
class Detector {
 public:
  /// `model` may be nullptr: rules alone.
  Detector(DetectOptions options, std::shared_ptr<const Model> model);

  /// The open window at the end of a tick: rules that do not wait for its end.
  std::vector<Alert> judge_tick(const std::vector<HostWindow>& open, std::int64_t time_ns);
  Judgement judge(const ClosedWindow& window);

  /// From now on judges by these. What rules know of a host's past stays, as does what was raised.
  void use(DetectOptions options);

  /// From now on judges with this one, also nullptr. A window is judged by one model: this takes effect between two. One
  /// that only observes gives scores and raises nothing.
  void use(std::shared_ptr<const Model> model, bool only_observes = false);
  /// nullptr: none, or no group's hosts are to be scored.
  const std::shared_ptr<const Model>& model() const { return model_; }

  /// What the rules have learned of hosts, and taking it up after a restart, before the first window: `now_ns` is the time.
  Baselines baselines() const;
  void restore(const Baselines& baselines, std::int64_t now_ns);

  /// Scores above raise `anomaly`; 1 without a model, or while it only observes.
  double threshold() const { return threshold_; }
  std::uint64_t suppressed_repeats() const { return repeats_.suppressed(); }

  /// The first group that has the host; nullptr: none, and the general options hold.
  const HostGroup* group_of(const IpAddress& host) const;
  /// The options of this group; nullptr: the general ones.
  DetectOptions options_for(const HostGroup* group) const { return group ? options_of(options_, *group) : options_; }
  /// All silences that speak of the host in either role, whether they hold now or not.
  std::vector<const Silence*> silences_of(const IpAddress& host) const;

 private:
  void make_sets();
  void take(const Baselines& baselines);
  RuleSet& set_of(const IpAddress& host);
  double threshold_of(const RuleSet& set) const;
  std::optional<Silenced> silence_of(const Alert& alert) const;
  bool is_new(const Alert& alert);
  void judge_rules(const ClosedWindow& window, Judgement& out);
  void judge_spikes(const ClosedWindow& window, Judgement& out);
  void judge_model(const ClosedWindow& window, Judgement& out);
  void note(const HostWindow& host, Finding finding, std::int64_t time_ns, Verdict& verdict, std::vector<Alert>& alerts);
  Alert alert_of(const HostWindow& host, Finding finding, std::int64_t time_ns) const;
  void judge_host(const HostWindow& host, const ModelScore& score, std::int64_t time_ns, Verdict& verdict,
                  std::vector<Alert>& alerts);

  DetectOptions options_;
  std::vector<Silence> silences_;
  std::vector<RuleSet> sets_;  // of each group, then the general one
  std::shared_ptr<const Model> model_;
  bool only_observes_ = false;
  double threshold_ = 1;
  std::int64_t judged_ns_ = 0;     // start of the last window
  std::set<IpAddress> explained_;  // hosts of this window that a rule has named, and their victims
  Repeats repeats_, silenced_repeats_;
};

/// The features that made the window's score by the model, at most five, the greatest contribution first.
std::vector<Reason> explain(const Model& model, const FeatureVector& features);

}  // namespace weir
