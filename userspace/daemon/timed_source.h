#pragma once

#include <memory>

#include "sensor/live_source.h"

namespace weir {

/// Live traffic for some seconds: a tick at each whole second, none after the time is up or a signal came.
class TimedSource : public FlowSource {
 public:
  TimedSource(std::unique_ptr<LiveSource> source, unsigned duration_s);

  [[nodiscard]] Result<bool> read_tick(Snapshot& out) override;

  double share_done() const;
  /// A signal came first.
  bool is_cut_short() const { return is_stopped_ && share_done() < 1; }

 private:
  std::unique_ptr<LiveSource> source_;
  std::int64_t began_ns_, until_ns_;  // monotonic
  bool is_stopped_ = false, has_ended_ = false;
};

}  // namespace weir
