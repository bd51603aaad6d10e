#include <csignal>
#include <cstdio>
#include <memory>
#include <utility>

#include "daemon/commands.h"
#include "daemon/exit_code.h"
#include "daemon/log.h"
#include "daemon/sensor_daemon.h"
#include "daemon/settings.h"
#include "daemon/whole_seconds.h"

namespace weir {

int run_command(const RunArguments& arguments) {
  log_to_stderr();
  block_stop_signals();
  std::signal(SIGPIPE, SIG_IGN);  // a reader of our alerts that goes away costs alerts, not the sensor

  auto config = load_settings(arguments.config);
  if (!config) return complain(config.error()), kBadConfig;
  if (auto chosen = choose_interfaces(arguments.interfaces, *config); !chosen) return complain(chosen.error()), kUnavailable;
  auto model = load_or_default_model(config->detect.model.file);
  if (!model) return complain(model.error()), kBadConfig;
  auto daemon = SensorDaemon::start(*config, std::make_shared<const Model>(std::move(*model)));
  if (!daemon) return complain(daemon.error()), start_exit_code(daemon.error());
  (*daemon)->run(arguments.duration_s);
  std::fputs((*daemon)->summary().c_str(), stderr);
  return kOk;
}

}  // namespace weir
