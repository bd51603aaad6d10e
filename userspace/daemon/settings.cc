#include "daemon/settings.h"

#include <unistd.h>

#include <utility>

#include "model_file.h"
#include "sensor/interface.h"

namespace weir {

Result<Config> load_settings(const std::string& path) {
  if (!path.empty()) return read_config(path);
  if (access(kDefaultConfig, F_OK) == 0) return read_config(kDefaultConfig);
  return Config{};
}

Result<void> choose_interfaces(const std::vector<std::string>& names, Config& config) {
  if (!names.empty()) config.sensor.interfaces.assign(names.begin(), names.end());
  if (config.sensor.interfaces.empty()) {
    auto name = default_route_interface();
    if (!name) return tl::make_unexpected(name.error());
    config.sensor.interfaces = {*name};
  }
  for (const InterfaceOptions& wanted : config.sensor.interfaces)
    for (const IpPrefix& prefix : interface_prefixes(wanted.name)) config.windows.home.push_back(prefix);
  return {};
}

Result<Settings> load_run_settings(const std::string& path, const std::vector<std::string>& interfaces) {
  auto config = load_settings(path);
  if (!config) return tl::make_unexpected(config.error());
  auto model = load_or_default_model(config->detect.model.file);
  if (!model) return tl::make_unexpected(model.error());
  if (auto chosen = choose_interfaces(interfaces, *config); !chosen) return tl::make_unexpected(chosen.error());
  return Settings{std::move(*config), std::make_shared<const Model>(std::move(*model))};
}

Result<Model> load_or_default_model(const std::string& file) {
  if (file.empty()) return default_model();
  return load_model(file);
}

}  // namespace weir
