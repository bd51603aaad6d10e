#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "detect/alert.h"
#include "detect/detector.h"

namespace weir {

/// Unix time in seconds, as JSON carries it.
double unix_seconds(std::int64_t time_ns);

/// One line of what `weir replay --windows` prints, without the newline.
std::string window_line(const HostWindow& window, const Verdict& verdict);

/// {"type":"alert",...}: the same in JSON lines, over HTTP and in tests.
nlohmann::ordered_json alert_json(const Alert& alert);
std::string alert_line(const Alert& alert);

}  // namespace weir
