#pragma once

#include <string>

#include "config/config.h"
#include "daemon/verify_check.h"

namespace weir {

/// The file that the sensor would be started by, judged as `weir check-config` does, the model that it names too. The
/// configuration is what is asked for with from here on: of a bad file the built-in one.
struct CheckedConfig {
  Check check;
  Config config;
};
CheckedConfig check_config_file(const std::string& path);

/// Where no sensor answers: whether one could attach to what it is told to watch, and have its port.
Check check_could_attach(const Config& given);
/// `silence`: why nobody answered.
Check check_could_listen(const HttpOptions& http, const Error& silence);

}  // namespace weir
