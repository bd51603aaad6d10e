#include <cstdio>

#include "daemon/commands.h"
#include "daemon/exit_code.h"
#include "daemon/settings.h"
#include "sensor/flow_meter.h"

namespace weir {

int check_config_command(const std::string& path) {
  const auto config = load_settings(path);
  if (!config) return complain(config.error()), kBadConfig;
  const auto model = load_or_default_model(config->detect.model.file);
  if (!model) return complain(model.error()), kBadConfig;
  const auto cpus = FlowMeter::possible_cpus();
  if (!cpus) return complain(cpus.error()), kFailed;
  std::printf("ok: tables for %u flows take %llu MiB on %u CPUs\n", config->sensor.flows,
              static_cast<unsigned long long>(size_tables(config->sensor.flows).bytes(*cpus) >> 20), *cpus);
  return kOk;
}

}  // namespace weir
