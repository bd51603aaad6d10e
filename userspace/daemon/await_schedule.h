#pragma once

#include "detect/schedule.h"

namespace weir {

enum class Due {
  kNow,
  kOver,     ///< it will not hold again
  kStopped,  ///< by SIGTERM or SIGINT, or because the terminal was closed
  kReload,   ///< SIGHUP: it may be another by now
};

/// Waits until the schedule holds. To systemd this is a service that has started.
Due await_schedule(const Schedule& schedule);

}  // namespace weir
