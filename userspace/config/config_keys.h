#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"

namespace YAML {
class Node;
}

namespace weir {

/// A key of the configuration file. One row says everything about it: reading, checking, help and the rendered file all
/// come from the same table.
struct ConfigKey {
  std::string path;     ///< "http.port": sections and name
  std::string allowed;  ///< type and range in words
  std::string help;     ///< one sentence
  /// Checks a value and stores it. An error starts with "line:column: " and leaves the Config as it was.
  std::function<Result<void>(const YAML::Node&, Config&)> read;
  /// The value as YAML text; empty where it is not set.
  std::function<std::string(const Config&)> write;

  std::string section() const;  ///< "http"; empty at the top level
  std::string name() const;     ///< "port"
};

/// Every key, section by section, in the order in which the file shows them.
const std::vector<ConfigKey>& config_keys();

/// A whole commented file that reads back as `config`. render_config({}) is the reference of all keys and defaults.
std::string render_config(const Config& config);

}  // namespace weir
