#pragma once

#include "base/result.h"
#include "sensor/flow_snapshot.h"

namespace weir {

/// Where snapshots come from: the kernel (LiveSource), a capture (ReplaySource), a test.
class FlowSource {
 public:
  virtual ~FlowSource() = default;

  /// Fills `out` with the next tick. false: there is none left (`out` is then empty). An error leaves the source usable:
  /// what was counted stays in the tables for the next call.
  [[nodiscard]] virtual Result<bool> read_tick(Snapshot& out) = 0;
};

}  // namespace weir
