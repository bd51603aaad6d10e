#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "detect/alert.h"
#include "features/window_keeper.h"
#include "sensor/flow_snapshot.h"
#include "sensor/interface_watch.h"

namespace weir {

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
  double model_threshold = 1;
  bool model_enabled = false;
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
