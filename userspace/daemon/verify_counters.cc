#include <fmt/format.h>

#include <thread>

#include "daemon/verify_service.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto kWindowPatience = 14s;  // a window, a tick and a busy machine
constexpr const char* kAsk = "`weir status`, `journalctl -u weir`";

std::uint64_t number(const json& status, const char* section, const char* key) {
  return status.value(section, json::object()).value(key, std::uint64_t{0});
}

double seconds_between(const Reading& first, const Reading& later) {
  return std::chrono::duration<double>(later.at - first.at).count();
}

std::uint64_t newest(std::uint64_t after, std::uint64_t before) { return after > before ? after - before : 0; }

/// What the kernel counted at the watched interfaces, in the directions that the sensor counts.
std::uint64_t device_packets(const Reading& first, const Reading& later) {
  std::uint64_t sum = 0;
  for (const json& i : later.status.at("interfaces")) {
    const auto before = first.devices.find(i.at("name")), now = later.devices.find(i.at("name"));
    if (i.at("state") != "attached" || before == first.devices.end() || now == later.devices.end()) continue;
    sum += newest(now->second.arrived, before->second.arrived);
    if (i.at("coverage") == "both directions") sum += newest(now->second.left, before->second.left);
  }
  return sum;
}

}  // namespace

Check check_counters(const Reading& first, const Reading& later) {
  const char* const name = "counters";
  const double s = seconds_between(first, later);
  if (later.status.value("pid", 0) != first.status.value("pid", 0))
    return failed(name, "another process answers now: it was restarted meanwhile", kAsk);
  const std::uint64_t seen = newest(number(later.status, "packets", "seen"), number(first.status, "packets", "seen"));
  const std::uint64_t counted = device_packets(first, later);
  const std::string detail = fmt::format("{} packets in {:.0f} s, the interfaces counted {}", seen, s, counted);
  const std::uint64_t law = number(later.status, "losses", "law_errors");
  const std::uint64_t ticks =
      newest(number(later.status, "losses", "tick_errors"), number(first.status, "losses", "tick_errors"));
  if (law != 0)
    return failed(name, fmt::format("{}; {} ticks do not add up", detail, law), "report this, with `weir status --json`");
  if (ticks != 0)
    return failed(name, fmt::format("{}; {} ticks failed: {}", detail, ticks, later.status.value("last_error", "")), kAsk);
  if (seen != 0) return passed(name, detail + "; all accounted for");
  if (counted == 0) return skipped(name, detail + ": nobody speaks", "look at the cable, and try again under traffic");
  return failed(name, detail,
                "does another program take packets before (`bpftool net`)? Otherwise: sudo systemctl restart weir");
}

Check check_windows(const SensorAddress& sensor, const Reading& first, const Reading& later, bool waits) {
  const char* const name = "windows";
  const std::uint64_t before = first.status.value("windows", std::uint64_t{0});
  if (number(later.status, "packets", "in_flows") == number(first.status, "packets", "in_flows"))
    return skipped(name, "no packet of IP came, so none has to close");
  auto now = first_reading(sensor);
  for (; now && now->status.value("windows", std::uint64_t{0}) == before; now = first_reading(sensor)) {
    if (!waits)
      return skipped(name,
                     fmt::format("none has closed in {:.0f} s, and --quick waits for none", seconds_between(first, *now)));
    if (now->at - later.at > kWindowPatience)
      return failed(name, fmt::format("none has closed in {:.0f} s", seconds_between(first, *now)), kAsk);
    std::this_thread::sleep_for(200ms);
  }
  if (!now) return failed(name, now.error().what, kAsk);
  return passed(name, fmt::format("{} windows of hosts closed in {:.0f} s",
                                  now->status.value("windows", std::uint64_t{0}) - before, seconds_between(first, *now)));
}

}  // namespace weir
