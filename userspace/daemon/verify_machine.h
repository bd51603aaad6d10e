#pragma once

#include <cstdint>
#include <string>

#include "daemon/verify_check.h"

namespace weir {

/// What weir needs of the machine, whether it runs or not. `root` stands for /, so that tests have a tree of their own.

/// `release` and `machine` as uname(2) tells them.
Check check_kernel(const std::string& release, const std::string& machine, const std::string& root = "/");
Check check_kernel();
Check check_btf(const std::string& root = "/");
/// How far dpkg came with the package; skipped where it knows none.
Check check_package();

/// Two clocks at one moment.
struct ClockReading {
  std::int64_t realtime_ns = 0, monotonic_ns = 0;
  static ClockReading now();
};
/// Since `before`: whether the clock was set meanwhile, and whether the kernel takes it for synchronised.
Check check_clock(const ClockReading& before);

}  // namespace weir
