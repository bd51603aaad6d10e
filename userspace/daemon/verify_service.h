#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "config/config.h"
#include "daemon/verify_check.h"
#include "daemon/verify_reading.h"

namespace weir {

/// What systemd says of weir.service; skipped where systemd does not run.
Check check_unit();
/// Whether it answers as it should: ready, no writes without a key, off loopback nothing without one.
Check check_api(const SensorAddress& sensor, const nlohmann::json& status);
/// User and capabilities of the process, from proc(5).
Check check_process(const nlohmann::json& status);
Check check_attached(const nlohmann::json& status, const std::string& not_ready);
Check check_counters(const Reading& first, const Reading& later);
/// Where it `waits`, then at most as long as windows may take, until one closes; `later` is from some seconds after `first`.
Check check_windows(const SensorAddress& sensor, const Reading& first, const Reading& later, bool waits);
/// The model in force is the one that it ought to be, by its hash.
Check check_model(const Config& config, const nlohmann::json& status);
/// The folder of what is learned: used, written, with room left.
Check check_state(const Config& config, const nlohmann::json& status);

}  // namespace weir
