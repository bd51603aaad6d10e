#pragma once

#include <string>

#include "base/result.h"

namespace weir {

/// EOPNOTSUPP on a kernel with PREEMPT_RT: there softirqs may preempt each other, and what the programs keep per CPU relies
/// on their not doing so. Reads `root`sys/kernel/realtime and `root`proc/version.
[[nodiscard]] Result<void> refuse_realtime_kernel(const std::string& root = "/");

}  // namespace weir
