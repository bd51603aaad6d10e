#include "daemon/await_schedule.h"

#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include "daemon/whole_seconds.h"

namespace weir {

Due await_schedule(const Schedule& schedule) {
  if (schedule.is_over(now_ns())) return Due::kOver;
  if (schedule.holds(now_ns())) return Due::kNow;
  const std::string why = "nothing is attached outside of the schedule: " + schedule.to_string();
  spdlog::info(why);
  sd_notifyf(0, "READY=1\nSTATUS=%s", why.c_str());
  const bool has_come_from_terminal = has_terminal();
  while (!schedule.is_over(now_ns())) {
    if (schedule.holds(now_ns())) return Due::kNow;
    sd_notify(0, "WATCHDOG=1");
    const Wake wake = await_next_second();
    if (wake == Wake::kStop) return Due::kStopped;
    if (wake == Wake::kHangUp) return has_come_from_terminal && !has_terminal() ? Due::kStopped : Due::kReload;
  }
  return Due::kOver;
}

}  // namespace weir
