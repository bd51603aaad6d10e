#include "daemon/settings.h"

#include <unistd.h>

#include "model_file.h"

namespace weir {

Result<Config> load_settings(const std::string& path) {
  if (!path.empty()) return read_config(path);
  if (access(kDefaultConfig, F_OK) == 0) return read_config(kDefaultConfig);
  return Config{};
}

Result<Model> load_or_default_model(const std::string& file) {
  if (file.empty()) return default_model();
  return load_model(file);
}

}  // namespace weir
