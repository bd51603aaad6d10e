#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "detect/alert.h"
#include "detect/learning_plan.h"
#include "features/window_keeper.h"
#include "sensor/flow_snapshot.h"
#include "sensor/interface_watch.h"

namespace weir {

/// How learning on the gateway stands.
struct LearningStatus {
  LearningPhase phase = LearningPhase::kOff;
  std::string reason;                                         ///< why it is off
  std::int64_t since_ns = 0;                                  ///< in this phase
  std::uint64_t windows = 0;                                  ///< ordinary windows of sources so far
  std::map<std::string, std::uint64_t, std::less<>> flagged;  ///< windows left out, by the rule that flagged them
  double share = 1;                                           ///< of these windows, those that are kept
  std::uint64_t bytes = 0;                                    ///< memory of what is kept
  double hours = 0, hours_wanted = 0;                         ///< watched; wanted before the first model
  std::optional<std::int64_t> next_ns;  ///< when the next model is expected; none: unknown, or there will be none
  bool is_training = false;
  std::uint32_t models = 0;  ///< made so far
  double training_s = 0;     ///< that the last one took
  std::string kept_in;       ///< folder; empty: nothing outlives the process
  std::string not_kept;      ///< why
  std::uint64_t training_errors = 0, write_errors = 0, files_set_aside = 0;
};

/// What rules have learned of hosts, and whether it outlives the process; where, LearningStatus says.
struct BaselineStatus {
  std::uint64_t hosts_restored = 0;  ///< whose past was found at the start
  std::uint64_t left_out = 0;        ///< hosts and uses of ports that found no room in the file that was written last
  std::uint64_t write_errors = 0, files_set_aside = 0;
};

/// The configuration in force.
struct SettingsStatus {
  std::int64_t since_ns = 0;
  std::uint64_t reloads = 0, refused = 0;
  std::vector<std::string> files;  ///< that say it
  std::string refusal;             ///< of the last reload; empty: it was taken, or there was none
};

/// The daemon's state in numbers, since it started; what /api/v1/status and /metrics show.
struct Status {
  std::string version;
  std::int64_t started_ns = 0, now_ns = 0;
  std::vector<WatchedInterface> interfaces;
  std::array<std::uint64_t, kWatchStates> interface_states{};  ///< how many are in each WatchState
  std::uint64_t netlink_resyncs = 0;                           ///< notices of interfaces were lost, all listed anew
  std::uint64_t table_bytes = 0;                               ///< memory of the kernel's tables

  Totals totals;
  double packets_per_second = 0, bytes_per_second = 0;  ///< of the last tick
  std::uint64_t ticks = 0, tick_errors = 0, law_errors = 0;
  double tick_busy_s = 0, tick_late_s = 0;  ///< the last tick: time spent, and how late it began
  std::string last_error;

  std::uint64_t hosts_tracked = 0, windows_closed = 0;
  WindowLosses losses;

  std::string model_version;
  std::string model_sha256;  ///< that its file carries
  double model_threshold = 1;
  bool model_enabled = false;
  bool model_only_observes = false;
  LearningStatus learning;
  BaselineStatus baselines;
  SettingsStatus settings;
  std::map<std::string, std::uint64_t> alerts_by_kind;
  std::array<std::uint64_t, kSilenceCauses> alerts_silenced{};  ///< by SilenceCause
  std::uint64_t incidents = 0;
  std::uint64_t repeats_suppressed = 0, alert_write_errors = 0;
};

/// What keeps the sensor from seeing all that it was told to watch, one clause an interface; empty: nothing does.
std::string missing_interfaces(const Status& status);

/// Packets by protocol and by destination port, since the start.
struct Histograms {
  std::array<std::uint64_t, 256> protocols{};
  std::array<std::uint64_t, 65536> tcp_ports{}, udp_ports{};

  void add(const Snapshot& tick);
};

/// The newest alerts.
class AlertHistory {
 public:
  static constexpr std::size_t kMost = 1000;
  void add(const Alert& alert) {
    alerts_.push_back(alert);
    if (alerts_.size() > kMost) alerts_.pop_front();
  }
  const std::deque<Alert>& alerts() const { return alerts_; }

 private:
  std::deque<Alert> alerts_;
};

}  // namespace weir
