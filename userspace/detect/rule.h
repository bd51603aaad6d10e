#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detect/alert.h"
#include "detect/baselines.h"
#include "features/host_window.h"

namespace weir {

/// What a rule says of a window that breaks it.
struct Finding {
  std::string_view kind;
  Severity severity = Severity::kLow;
  double score = 0;
  std::string text;
  Reason reason;                             ///< the quantity that the rule looks at
  bool has_normal = false;                   ///< reason.p50 and p99 are set; else the detector takes them from the model
  std::vector<std::string_view> implied_by;  ///< kinds that tell the same: where one of them is raised, this is not
  IpAddress victim;  ///< the other side, where the rule knows it: its unusual answers are explained too
};

/// Judges one host window. A rule that keeps a past is called once for each closed window of a host, in order.
class Rule {
 public:
  virtual ~Rule() = default;
  virtual std::optional<Finding> judge(const HostWindow& window) = 0;
  /// Floods are judged at each tick, on the window so far: their counts only grow.
  virtual bool judges_ticks() const { return false; }
  /// Adds what it has learned of hosts, and takes that of its own: `now_ns` is the start of the last window that was judged.
  virtual void save(Baselines& /*all*/, std::int64_t /*now_ns*/) const {}
  virtual void restore(const Baselines& /*all*/, std::int64_t /*now_ns*/, const IsOwn& /*is_own*/) {}
};

/// Score of a rule at `value`: 0.9 at its threshold, towards 1 beyond. Above any score of the model that raises no alarm.
inline double rule_score(double value, double threshold) { return 1 - 0.1 * threshold / value; }

}  // namespace weir
