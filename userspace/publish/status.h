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

namespace weir {

/// How one interface is watched.
struct InterfaceStatus {
  std::string name;
  std::string mode;                                ///< see Attachment
  std::string reason;                              ///< why no better mode
  std::uint64_t packets = 0, bytes = 0;            ///< in flow records, both directions
  std::uint64_t sent_packets = 0, sent_bytes = 0;  ///< of these: left by the interface
  std::string coverage;                            ///< "both directions", "arrivals only" or "arrivals, answers to match"
  std::string coverage_reason;                     ///< why no more, or what to mind
  std::uint64_t merged_frames = 0;                 ///< counted as one packet, though they were several on the wire
  bool may_be_merged = false;                      ///< more of them may come
  bool has_lower_bounds() const { return may_be_merged || merged_frames != 0; }
};

/// The daemon's state in numbers, since it started; what /api/v1/status and /metrics show.
struct Status {
  std::string version;
  std::int64_t started_ns = 0, now_ns = 0;
  std::vector<InterfaceStatus> interfaces;
  std::uint64_t table_bytes = 0;  ///< memory of the kernel's tables

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
  std::uint64_t repeats_suppressed = 0, alert_write_errors = 0;
};

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
