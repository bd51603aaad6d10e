#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "detect/alert.h"
#include "detect/detector.h"
#include "detect/incidents.h"
#include "publish/event.h"

namespace weir {

/// Unix time in seconds, as JSON carries it.
double unix_seconds(std::int64_t time_ns);

/// -log10 of the share of ordinary windows that are as strange, by detector; nothing where there is none.
void add_surprise(const std::optional<Surprise>& surprise, nlohmann::ordered_json& json);
nlohmann::ordered_json reason_json(const Reason& reason);

/// One line of what `weir replay --windows` prints, without the newline.
std::string window_line(const HostWindow& window, const Verdict& verdict);

/// {"type":"alert",...}: the same in JSON lines, over HTTP and in tests.
nlohmann::ordered_json alert_json(const Alert& alert);
std::string alert_line(const Alert& alert);

nlohmann::ordered_json event_json(const Event& event);

/// {"id":...,"state":"open"|"quiet",...}: all hosts that it names, and its timeline.
nlohmann::ordered_json incident_json(const Incident& incident, bool is_open);

}  // namespace weir
