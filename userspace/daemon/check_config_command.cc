#include <cstdio>
#include <thread>

#include "config/config_keys.h"
#include "daemon/commands.h"
#include "daemon/exit_code.h"
#include "daemon/log.h"
#include "daemon/settings.h"
#include "sensor/flow_meter.h"

namespace weir {
namespace {

int print_defaults() {
  std::puts(
      "# Configuration of weir, explained in weir.yaml(5): every key with its default. Check a changed file with\n"
      "# `weir check-config -c FILE`.\n");
  std::fputs(render_config({}).c_str(), stdout);
  return kOk;
}

}  // namespace

int check_config_command(const CheckConfigArguments& arguments) {
  if (arguments.defaults) return print_defaults();
  const auto config = load_settings(arguments.config);
  if (!config) return complain(config.error()), kBadConfig;
  const auto model = load_or_default_model(config->detect.model.file);
  if (!model) return complain(model.error()), kBadConfig;
  // Where /sys is not mounted, as in the root file system of an image, the CPUs at hand stand in for the possible ones.
  const std::uint32_t cpus = FlowMeter::possible_cpus().value_or(std::thread::hardware_concurrency());
  for (const std::string& file : config->files) std::printf("read %s\n", file.c_str());
  std::printf("ok: tables for %u flows take %llu MiB (%u possible CPUs share them)\n", config->sensor.flows,
              static_cast<unsigned long long>(size_tables(config->sensor.flows).bytes(cpus) >> 20), cpus);
  return kOk;
}

}  // namespace weir
