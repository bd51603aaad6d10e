#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <vector>

#include "daemon/commands.h"
#include "daemon/exit_code.h"
#include "daemon/verify_attack.h"
#include "daemon/verify_before.h"
#include "daemon/verify_check.h"
#include "daemon/verify_machine.h"
#include "daemon/verify_service.h"
#include "daemon/whole_seconds.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using nlohmann::ordered_json;

constexpr auto kLeastBetween = 3s;  // two readings

const char* outcome_name(Outcome outcome) {
  return outcome == Outcome::kPass ? "pass" : outcome == Outcome::kFail ? "FAIL" : "skip";
}

/// The rows, told as they come: some take seconds.
class Report {
 public:
  explicit Report(bool is_json) : is_json_(is_json) {}

  void add(Check check) {
    if (!is_json_) {
      std::printf("%-14s %s  %s\n", check.name.c_str(), outcome_name(check.outcome), check.detail.c_str());
      if (!check.remedy.empty()) std::printf("%-14s       > %s\n", "", check.remedy.c_str());
      std::fflush(stdout);
    }
    checks_.push_back(std::move(check));
  }

  std::size_t count(Outcome outcome) const {
    return static_cast<std::size_t>(std::ranges::count(checks_, outcome, &Check::outcome));
  }

  void sum_up() const {
    if (is_json_) return print_json();
    std::printf("%zu passed, %zu failed, %zu skipped\n", count(Outcome::kPass), count(Outcome::kFail),
                count(Outcome::kSkip));
  }

  int exit_code() const {
    if (count(Outcome::kFail) != 0) return kFailed;
    return std::ranges::any_of(checks_, &Check::wants_root) ? kNoPermission : kOk;
  }

 private:
  void print_json() const {
    ordered_json rows = ordered_json::array();
    for (const Check& c : checks_)
      rows.push_back({{"name", c.name}, {"verdict", outcome_name(c.outcome)}, {"detail", c.detail}, {"remedy", c.remedy}});
    const ordered_json all = {{"checks", std::move(rows)},
                              {"passed", count(Outcome::kPass)},
                              {"failed", count(Outcome::kFail)},
                              {"skipped", count(Outcome::kSkip)}};
    std::puts(all.dump(2, ' ', false, ordered_json::error_handler_t::replace).c_str());
  }

  bool is_json_;
  std::vector<Check> checks_;
};

void verify_attack(const VerifyArguments& arguments, Report& report) {
  report.add(arguments.quick ? skipped("attack", "--quick") : check_attack());
}

void verify_running(const Config& config, const SensorAddress& sensor, const VerifyArguments& arguments,
                    const Reading& first, Report& report) {
  report.add(check_process(first.status));
  report.add(check_api(sensor, first.status));
  report.add(check_attached(first.status, why_not_ready(sensor)));
  report.add(check_model(config, first.status));
  report.add(check_state(config, first.status));
  verify_attack(arguments, report);
  std::this_thread::sleep_until(first.at + kLeastBetween);
  const auto later = later_reading(sensor);
  if (!later) return report.add(failed("counters", later.error().what, "journalctl -u weir"));
  report.add(check_counters(first, *later));
  report.add(check_windows(sensor, first, *later, !arguments.quick));
}

void verify_stopped(const Config& config, const Error& silence, const std::string& excuse, const VerifyArguments& arguments,
                    Report& report) {
  report.add(check_process({}));
  report.add(!excuse.empty() ? skipped("API", excuse) : check_could_listen(config.publish.http, silence));
  report.add(check_could_attach(config));
  report.add(check_state(config, {}));
  verify_attack(arguments, report);
  for (const char* name : {"model", "counters", "windows"}) report.add(skipped(name, "no sensor answers"));
}

/// Why it may well be that nobody answers; empty: somebody should.
std::string excuse_of(const Config& config) {
  if (!config.publish.http.enabled) return "http.enabled is false";
  return config.schedule.holds(now_ns()) ? "" : "outside of the schedule: " + config.schedule.to_string();
}

}  // namespace

int verify_command(const VerifyArguments& arguments) {
  Report report(arguments.json);
  const ClockReading began = ClockReading::now();
  report.add(check_kernel());
  report.add(check_btf());
  report.add(check_package());
  CheckedConfig checked = check_config_file(arguments.config);
  report.add(std::move(checked.check));
  report.add(check_unit());
  const SensorAddress sensor{checked.config.publish.http, arguments.url};
  if (const auto first = first_reading(sensor); first)
    verify_running(checked.config, sensor, arguments, *first, report);
  else
    verify_stopped(checked.config, first.error(), excuse_of(checked.config), arguments, report);
  report.add(check_clock(began));
  report.sum_up();
  return report.exit_code();
}

}  // namespace weir
