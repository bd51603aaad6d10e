#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <utility>

#include "daemon/await_schedule.h"
#include "daemon/commands.h"
#include "daemon/event_log.h"
#include "daemon/exit_code.h"
#include "daemon/log.h"
#include "daemon/sensor_daemon.h"
#include "daemon/settings.h"
#include "daemon/whole_seconds.h"

namespace weir {
namespace {

/// The configuration, and over it what the command line says.
[[nodiscard]] Result<Settings> load(const RunArguments& arguments) {
  auto settings = load_run_settings(arguments.config, arguments.interfaces);
  if (!settings) return settings;
  Schedule& schedule = settings->config.schedule;
  if (!arguments.start_date.empty()) schedule.from = Moment::parse_loosely(arguments.start_date);
  if (!arguments.end_date.empty()) schedule.until = Moment::parse_loosely(arguments.end_date);
  if (schedule.is_empty()) return fail(EINVAL, "schedule: it ends before it begins (" + schedule.to_string() + ")");
  return settings;
}

/// Waits for the schedule's next stretch, taking what a reload brings.
Due await_stretch(const RunArguments& arguments, Settings& settings, EventLog& events) {
  for (;;) {
    const Due due = await_schedule(settings.config.schedule);
    if (due != Due::kReload) return due;
    if (auto next = load(arguments))
      settings = std::move(*next);
    else
      events.error(EventKind::kReload, "not reloaded, all stays as it was: " + next.error().what);
  }
}

}  // namespace

int run_command(const RunArguments& arguments) {
  log_to_stderr();
  block_signals();
  std::signal(SIGPIPE, SIG_IGN);  // a reader of our alerts that goes away costs alerts, not the sensor

  for (EventLog events;;) {
    auto settings = load(arguments);
    if (!settings) return events.fatal(settings.error()), settings_exit_code(settings.error());
    const Due due = await_stretch(arguments, *settings, events);
    if (due == Due::kOver) spdlog::info("the schedule is over: {}", settings->config.schedule.to_string());
    if (due != Due::kNow) return kOk;
    auto daemon = SensorDaemon::start(
        *settings, [&arguments] { return load(arguments); }, events);
    if (!daemon) return events.fatal(daemon.error()), start_exit_code(daemon.error());
    const Ending ending = (*daemon)->run(arguments.duration_s);
    std::fputs((*daemon)->summary().c_str(), stderr);
    if (ending == Ending::kStopped) return kOk;
  }
}

}  // namespace weir
