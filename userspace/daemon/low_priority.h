#pragma once

#include <sys/resource.h>
#include <unistd.h>

namespace weir {

/// Of this thread alone: on Linux each has its own.
inline void lower_priority() {
  constexpr int kLowest = 19;
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kLowest);
}

}  // namespace weir
