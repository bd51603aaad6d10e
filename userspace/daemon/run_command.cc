#include <cstdio>

#include "daemon/commands.h"
#include "daemon/exit_code.h"
#include "daemon/log.h"
#include "daemon/sensor_daemon.h"
#include "daemon/settings.h"

namespace weir {
namespace {

[[nodiscard]] Result<void> choose_interfaces(const RunArguments& arguments, Config& config) {
  if (!arguments.interfaces.empty())
    config.sensor.interfaces.assign(arguments.interfaces.begin(), arguments.interfaces.end());
  if (config.sensor.interfaces.empty()) {
    auto name = default_route_interface();
    if (!name) return tl::make_unexpected(name.error());
    config.sensor.interfaces = {*name};
  }
  for (const InterfaceOptions& wanted : config.sensor.interfaces)
    for (const IpPrefix& prefix : interface_prefixes(wanted.name)) config.windows.home.push_back(prefix);
  return {};
}

}  // namespace

int run_command(const RunArguments& arguments) {
  log_to_stderr();
  // Before any thread starts: all inherit the mask, so only SensorDaemon::run receives these.
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a reader of our alerts that goes away costs alerts, not the sensor

  auto config = load_settings(arguments.config);
  if (!config) return complain(config.error()), kBadConfig;
  if (auto chosen = choose_interfaces(arguments, *config); !chosen) return complain(chosen.error()), kUnavailable;
  auto model = load_or_default_model(config->detect.model.file);
  if (!model) return complain(model.error()), kBadConfig;
  auto daemon = SensorDaemon::start(*config, std::make_shared<const Model>(std::move(*model)));
  if (!daemon) return complain(daemon.error()), start_exit_code(daemon.error());
  (*daemon)->run(arguments.duration_s);
  std::fputs((*daemon)->summary().c_str(), stderr);
  return kOk;
}

}  // namespace weir
