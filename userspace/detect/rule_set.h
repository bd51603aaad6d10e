#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "detect/detect_options.h"
#include "detect/rule.h"
#include "detect/rules/beacon.h"

namespace weir {

/// A rule that there is: its name in the configuration, and how it is made.
struct RuleKind {
  std::string_view name;
  RuleOptions DetectOptions::*options;
  std::unique_ptr<Rule> (*make)(const DetectOptions& options, double threshold);
};

/// In the order in which they judge; the last is the one that speaks only where the others are silent.
std::span<const RuleKind> rule_kinds();
/// nullptr: no rule has this name.
const RuleKind* find_rule(std::string_view name);
/// What an alert's kind may be: the rules' names, those that a rule has beside its own, and the model's.
std::vector<std::string_view> alert_kinds();

inline constexpr std::string_view kModelName = "model";  ///< of the model, where groups name rules

/// The options that hold for a group's hosts.
DetectOptions options_of(const DetectOptions& all, const HostGroup& group);

/// What judges the hosts of one group: the rules with its thresholds, and whether the model has a say.
struct RuleSet {
  explicit RuleSet(const DetectOptions& options);

  std::vector<std::unique_ptr<Rule>> rules;
  BeaconRule* beacon = nullptr;  ///< one of `rules`, where it is on
  std::unique_ptr<Rule> spike;   ///< after the others: speaks only where they are silent
  bool model_enabled;
  std::optional<double> model_threshold;  ///< not set: the model's own
};

}  // namespace weir
