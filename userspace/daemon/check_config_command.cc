#include <cstdio>
#include <thread>

#include "daemon/commands.h"
#include "daemon/exit_code.h"
#include "daemon/settings.h"
#include "sensor/table_size.h"

namespace weir {

int check_config_command(const std::string& path) {
  const auto config = load_settings(path);
  if (!config) return complain(config.error()), kBadConfig;
  const auto model = load_or_default_model(config->detect.model.file);
  if (!model) return complain(model.error()), kBadConfig;
  const unsigned cpus = std::thread::hardware_concurrency();
  std::printf("ok: tables for %u flows take %llu MiB on %u CPUs\n", config->sensor.flows,
              static_cast<unsigned long long>(size_tables(config->sensor.flows).bytes(cpus) >> 20), cpus);
  return kOk;
}

}  // namespace weir
