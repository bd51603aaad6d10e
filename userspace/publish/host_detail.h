#pragma once

#include <string>

#include "publish/recent_windows.h"

namespace weir {

/// /api/v1/hosts/ADDRESS: which group and thresholds apply to the host, which silences speak of it and whether they hold
/// now, and why its last windows scored as they did. Reads of `detector` only what never changes while it lives.
std::string render_host(const IpAddress& host, const Detector& detector, const RecentWindows& windows, std::int64_t now_ns);

}  // namespace weir
