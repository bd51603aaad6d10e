#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "publish/publish_options.h"

namespace weir {

/// Packets that the kernel counted at each interface of this network namespace.
struct DeviceCount {
  std::uint64_t arrived = 0, left = 0;
};
std::map<std::string, DeviceCount> device_counts();

/// The running sensor at a moment. What the devices counted belongs to a moment after the status (first reading) or well
/// before it (later ones), so that a packet that they counted in between is one that the sensor must have counted too.
struct Reading {
  nlohmann::json status;
  std::map<std::string, DeviceCount> devices;
  std::chrono::steady_clock::time_point at;
};

/// How to reach the sensor.
struct SensorAddress {
  HttpOptions http;
  std::string url;  ///< empty: as `http` says
};

[[nodiscard]] Result<Reading> first_reading(const SensorAddress& sensor);
/// Waits for two ticks.
[[nodiscard]] Result<Reading> later_reading(const SensorAddress& sensor);

/// Why it is not ready; empty: it is.
std::string why_not_ready(const SensorAddress& sensor);

}  // namespace weir
