#include "daemon/verify_machine.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/utsname.h>

#include <cmath>

#include "daemon/run_program.h"
#include "daemon/whole_seconds.h"
#include "sensor/kernel_version.h"
#include "sensor/realtime.h"

namespace weir {
namespace {

constexpr double kJump_s = 0.5;
constexpr std::int64_t kEarliest_ns = 1'750'000'000 * kSecond_ns;  // this was written later

}  // namespace

Check check_kernel(const std::string& release, const std::string& machine, const std::string& root) {
  const std::string what = release + " " + machine;
  const auto version = KernelVersion::parse(release);
  if (!version) return skipped("kernel", what + ": no version to compare");
  if (const auto ok = refuse_realtime_kernel(root); !ok)
    return failed("kernel", what + ", PREEMPT_RT", "counts would not be exact there: boot the kernel without it");
  if (*version < kOldestKernel)
    return failed("kernel", fmt::format("{}, older than {}", what, kOldestKernel.to_string()),
                  "boot a newer one, such as Debian 12's (6.1)");
  const std::string tested = kOldestTestedKernel.to_string();
  return passed("kernel", fmt::format("{} (needs {}; {} {})", what, kOldestKernel.to_string(),
                                      *version < kOldestTestedKernel ? "not tested: older than" : "tested from", tested));
}

Check check_kernel() {
  utsname about{};
  uname(&about);
  return check_kernel(about.release, about.machine);
}

Check check_btf(const std::string& root) {
  struct stat about {};
  if (stat((root + "sys/kernel/btf/vmlinux").c_str(), &about) != 0)
    return passed("BTF", "/sys/kernel/btf/vmlinux is missing, and not needed: weir relocates nothing against it");
  return passed("BTF",
                fmt::format("/sys/kernel/btf/vmlinux, {:.1f} MB (not needed)", static_cast<double>(about.st_size) / 1e6));
}

Check check_package() {
  const auto asked = run_program({"dpkg-query", "--show", "--showformat=${db:Status-Status} ${Version}", "weir"});
  if (!asked || asked->code != 0) return skipped("package", "not installed as a package");
  const std::string state = asked->output.substr(0, asked->output.find(' '));
  if (state == "installed") return passed("package", asked->output);
  if (state == "half-installed") return failed("package", asked->output, "sudo apt-get install --reinstall weir");
  if (state == "config-files" || state == "not-installed") return skipped("package", asked->output);
  return failed("package", asked->output + ": its installation was not finished", "sudo dpkg --configure weir");
}

ClockReading ClockReading::now() { return {now_ns(CLOCK_REALTIME), now_ns(CLOCK_MONOTONIC)}; }

Check check_clock(const ClockReading& before) {
  const ClockReading now = ClockReading::now();
  const double passed_s = static_cast<double>(now.monotonic_ns - before.monotonic_ns) / 1e9;
  const double jump_s = static_cast<double>(now.realtime_ns - before.realtime_ns) / 1e9 - passed_s;
  if (std::abs(jump_s) > kJump_s)
    return failed("clock", fmt::format("it was set by {:+.1f} s within {:.0f} s", jump_s, passed_s),
                  "windows are cut by it: let NTP slew it (timedatectl, chronyc tracking)");
  if (now.realtime_ns < kEarliest_ns)
    return failed("clock", "it shows a date before this program was written", "sudo timedatectl set-ntp true");
  timex kernel{};
  const int state = adjtimex(&kernel);
  if (state < 0 || state == TIME_ERROR || (kernel.status & STA_UNSYNC) != 0)
    return skipped("clock", "steady, but nothing synchronises it: times of alerts may be wrong",
                   "sudo timedatectl set-ntp true");
  return passed("clock", fmt::format("synchronised (at most {:.1f} ms off), steady for {:.0f} s",
                                     static_cast<double>(kernel.maxerror) / 1e3, passed_s));
}

}  // namespace weir
