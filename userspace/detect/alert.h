#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detect/silence.h"
#include "detectors.h"
#include "sensor/flow_snapshot.h"

namespace weir {

enum class Severity : std::uint8_t { kLow, kMedium, kHigh };
constexpr std::string_view severity_name(Severity s) {
  return s == Severity::kHigh ? "high" : s == Severity::kMedium ? "medium" : "low";
}

/// One quantity that made an alert, beside what is normal for it.
struct Reason {
  std::string feature;
  double value = 0;
  double p50 = 0, p99 = 0;  ///< of ordinary windows: the model's training, or the host's own past
  /// Model: the feature's part of the score's exponent (path contributions), or of the tail score where that was higher.
  /// Rule: value over threshold.
  double contribution = 0;
};

inline constexpr std::string_view kAnomaly = "anomaly";  ///< kind of the model's own alerts

/// What we raise.
struct Alert {
  std::int64_t time_ns = 0;  ///< unix time of the decision
  IpAddress host;
  Role role = Role::kSource;
  std::string_view kind;  ///< a rule's kind or kAnomaly; static
  double score = 0;       ///< 0..1, higher is stranger; rules lie in 0.9..1
  Severity severity = Severity::kLow;
  std::string text;  ///< one sentence for the engineer on call
  std::vector<Reason> why;
  std::optional<Surprise> surprise = {};  ///< of each of the model's detectors, where one of them raised it
  IpAddress other = {};                   ///< whom it is done to, where the rule knows
  std::optional<Silenced> silenced = {};  ///< expected by the operator: delivered to nobody
  std::uint64_t incident = 0;             ///< see Incidents; 0: none yet
};

}  // namespace weir
