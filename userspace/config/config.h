#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "detect/detect_options.h"
#include "detect/learning_options.h"
#include "detect/schedule.h"
#include "features/window_options.h"
#include "publish/publish_options.h"
#include "sensor/sensor_options.h"

namespace weir {

/// Everything that /etc/weir/weir.yaml can say; a default-constructed Config is the configuration without a file.
struct Config {
  SensorOptions sensor;
  WindowOptions windows;
  DetectOptions detect;
  LearningOptions learning;
  Schedule schedule;  ///< when `weir run` watches
  PublishOptions publish;
  std::vector<std::string> files;  ///< that said it, in this order
};

/// Reads and checks a whole file, and over it, in the order of their names, those of the folder conf.d beside it that end in
/// .yaml: what a later one says holds, but groups, allow, mutes and maintenance of all of them add up. An unknown key, a
/// wrong type or a value out of range is an error that names file, line, column and the remedy: "weir.yaml:3:1: unknown key
/// 'interface'; did you mean 'interfaces'?"
[[nodiscard]] Result<Config> read_config(const std::string& path);

/// The same for text; `name` stands for the file in messages.
[[nodiscard]] Result<Config> parse_config(const std::string& text, const std::string& name);

}  // namespace weir
