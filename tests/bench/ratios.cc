#include "bench/ratios.h"

#include <sys/utsname.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace weir::test {
namespace {

constexpr double kAllowed = 1.25;  // "worse by a quarter"

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(std::min(line.size(), line.find(':') + 2));
  return "unknown";
}

std::string kernel_release() {
  utsname name{};
  return uname(&name) == 0 ? name.release : "unknown";
}

std::string today() {
  const time_t now = time(nullptr);
  tm date{};
  char text[16];
  strftime(text, sizeof text, "%F", gmtime_r(&now, &date));
  return text;
}

nlohmann::ordered_json& entry_of_this_machine(nlohmann::ordered_json& machines) {
  for (auto& machine : machines)
    if (machine.at("cpu") == cpu_name()) return machine;
  machines.push_back({{"cpu", cpu_name()}});
  return machines.back();
}

}  // namespace

RatioBook::RatioBook(const std::string& path) : path_(path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path + ": cannot be read");
  book_ = nlohmann::ordered_json::parse(file);
}

bool RatioBook::is_recorded_here(const std::string& benchmark) const {
  const auto& machines = book_.at("machines");
  return std::any_of(machines.begin(), machines.end(),
                     [&](const auto& machine) { return machine.at("cpu") == cpu_name() && machine.contains(benchmark); });
}

double RatioBook::bound(const std::string& benchmark, const std::string& name) const {
  double worst = 0;
  for (const auto& machine : book_.at("machines"))
    if (machine.contains(benchmark)) worst = std::max(worst, machine.at(benchmark).value(name, 0.0));
  if (worst == 0)
    throw std::runtime_error(path_ + ": nothing recorded for " + benchmark + " " + name + "; run it with --record");
  return kAllowed * worst;
}

void RatioBook::record(const std::string& benchmark, const Ratios& ratios) {
  auto& machine = entry_of_this_machine(book_.at("machines"));
  machine["kernel"] = kernel_release();
  machine["date"] = today();
  machine[benchmark] = nlohmann::ordered_json::object();
  for (const auto& [name, ratio] : ratios) machine[benchmark][name] = std::round(ratio * 1000) / 1000;
  std::ofstream(path_) << book_.dump(2) << "\n";
}

bool RatioBook::holds(const std::string& benchmark, const Ratios& ratios) const {
  bool all = true;
  for (const auto& [name, ratio] : ratios) {
    const bool within = ratio <= bound(benchmark, name);
    std::printf("%-12s %6.3f of the usual way, at most %6.3f allowed%s\n", name.c_str(), ratio, bound(benchmark, name),
                within ? "" : "  TOO SLOW");
    all = all && within;
  }
  std::fflush(stdout);
  return all;
}

}  // namespace weir::test
