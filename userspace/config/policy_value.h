#pragma once

#include "config/map_value.h"
#include "detect/detect_options.h"

namespace weir::value {

/// {name: ..., hosts: [...], kinds: [...]} and, by the cause, when it holds.
MapOf<Silence> silence(SilenceCause cause);

/// {from: ..., until: ..., daily: ..., days: [...]}, each of which may be missing.
MapOf<Schedule> schedule();

/// {name: ..., hosts: [...], thresholds: {...}, off: [...]}; thresholds have the range of rules.NAME.threshold.
MapOf<HostGroup> host_group();

}  // namespace weir::value
