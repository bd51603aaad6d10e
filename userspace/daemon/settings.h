#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "model.h"

namespace weir {

inline constexpr const char* kDefaultConfig = "/etc/weir/weir.yaml";

/// The configuration at `path`; if that is empty, at kDefaultConfig where it exists, else the built-in one.
[[nodiscard]] Result<Config> load_settings(const std::string& path);

/// What is watched: these names, else the configuration's, else the interface with the default route. Their networks are
/// home.
[[nodiscard]] Result<void> choose_interfaces(const std::vector<std::string>& names, Config& config);

/// What a sensor runs by: a checked configuration, and the model that it names.
struct Settings {
  Config config;
  std::shared_ptr<const Model> model;
};

/// All of it anew, as it is on disk now. An error's place is that of `weir check-config`, or an interface that is not there.
[[nodiscard]] Result<Settings> load_run_settings(const std::string& path, const std::vector<std::string>& interfaces);

/// A model from `file`, or a copy of the compiled-in one if that is empty.
[[nodiscard]] Result<Model> load_or_default_model(const std::string& file);

}  // namespace weir
