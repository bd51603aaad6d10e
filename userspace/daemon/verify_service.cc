#include "daemon/verify_service.h"

#include <fmt/format.h>
#include <pwd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>

#include "daemon/ask_daemon.h"
#include "daemon/run_program.h"
#include "version.h"

namespace weir {
namespace {

using nlohmann::json;

constexpr const char* kAsk = "`weir status`, `journalctl -u weir`";

/// "Key=value" lines.
std::map<std::string, std::string> properties(const std::string& text, char separator) {
  std::map<std::string, std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size()), cut = text.find(separator, at);
    if (cut < end) out[text.substr(at, cut - at)] = text.substr(cut + 1, end - cut - 1);
    at = end + 1;
  }
  return out;
}

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string user_name(uid_t user) {
  const passwd* entry = getpwuid(user);
  return entry != nullptr ? entry->pw_name : std::to_string(user);
}

struct Capability {
  const char* name;
  unsigned number;
};
constexpr Capability kNeeded[] = {{"CAP_NET_ADMIN", 12}, {"CAP_PERFMON", 38}, {"CAP_BPF", 39}};

std::string missing_capabilities(std::uint64_t effective) {
  std::string out;
  for (const Capability& c : kNeeded)
    if ((effective >> c.number & 1) == 0) out += (out.empty() ? "" : ", ") + std::string(c.name);
  return out;
}

}  // namespace

Check check_unit() {
  const char* const name = "unit";
  if (sd_booted() <= 0) return skipped(name, "systemd does not run here");
  const auto shown = run_program(
      {"systemctl", "show", "weir.service", "--property=LoadState,ActiveState,SubState,UnitFileState,NRestarts,Result"});
  if (!shown || shown->code != 0) return skipped(name, shown ? shown->output : shown.error().what);
  auto p = properties(shown->output, '=');
  if (p["LoadState"] != "loaded")
    return failed(name, "weir.service: " + p["LoadState"], "sudo apt-get install --reinstall weir");
  const std::string state =
      fmt::format("{} ({}), {}, {} restarts", p["ActiveState"], p["SubState"], p["UnitFileState"], p["NRestarts"]);
  if (p["ActiveState"] != "active")
    return failed(name, state + ", " + p["Result"],
                  p["ActiveState"] == "failed" ? "journalctl -u weir -n 20" : "sudo weir setup");
  Check check = passed(name, state);
  if (p["UnitFileState"] != "enabled") check.remedy = "it will not start with the machine: sudo systemctl enable weir";
  return check;
}

Check check_api(const SensorAddress& sensor, const json& status) {
  const char* const name = "API";
  const auto healthy = call_daemon(sensor.http, sensor.url, "/healthz", "GET", false);
  if (!healthy || healthy->status != 200)
    return failed(name, healthy ? fmt::format("/healthz answers {}", healthy->status) : healthy.error().what, kAsk);
  const auto write = call_daemon(sensor.http, sensor.url, "/api/v1/status", "POST", false);
  if (!write || write->status < 400 || write->status >= 500)
    return failed(name, "it takes a write without a key", "stop it: sudo systemctl stop weir; and report this");
  const auto open = call_daemon(sensor.http, sensor.url, "/api/v1/status", "GET", false);
  const bool needs_key = open && open->status == 401;
  const std::string version = status.value("version", "");
  const std::string detail = fmt::format("weir {}, process {}, up {:.0f} s; reads {}, writes without a key answered {}",
                                         version, status.value("pid", 0), status.value("uptime_s", 0.0),
                                         needs_key ? "need the key" : "are open (loopback)", write->status);
  if (version != kVersion)
    return failed(name, detail + fmt::format("; this is {}", kVersion), "sudo systemctl restart weir");
  return passed(name, detail);
}

Check check_process(const json& status) {
  const char* const name = "capabilities";
  const bool runs = status.is_object();
  const std::string pid = runs ? std::to_string(status.value("pid", 0)) : "self";
  auto p = properties(read_text("/proc/" + pid + "/status"), ':');
  if (p.count("CapEff") == 0) return skipped(name, "process " + pid + " cannot be seen from here");
  const std::uint64_t effective = std::strtoull(p["CapEff"].c_str(), nullptr, 16);
  const std::string who = user_name(static_cast<uid_t>(std::strtoul(p["Uid"].c_str(), nullptr, 10)));
  const std::string missing = missing_capabilities(effective);
  if (missing.empty())
    return passed(
        name, fmt::format("{} has CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON", (runs ? "user " : "nothing runs; user ") + who));
  if (!runs && geteuid() != 0) return skipped_for_root(name, "nothing runs, and this user has no capabilities");
  return failed(name, who + " lacks " + missing,
                runs ? "see AmbientCapabilities in `systemctl cat weir`"
                     : "a container must be given them, with CAP_SYS_ADMIN for this check");
}

Check check_attached(const json& status, const std::string& not_ready) {
  std::string detail;
  for (const json& i : status.at("interfaces")) {
    detail += (detail.empty() ? "" : "; ") + i.at("name").get<std::string>() + ": ";
    if (i.at("state") != "attached") {
      detail += i.at("state").get<std::string>() + ", " + i.at("reason").get<std::string>();
      continue;
    }
    detail += fmt::format("{} {}, {}, counts {}", i.at("hook").get<std::string>(), i.at("mode").get<std::string>(),
                          i.at("coverage").get<std::string>(), i.at("counts").get<std::string>());
  }
  if (not_ready.empty()) return passed("attached", detail);
  return failed("attached", detail.empty() ? not_ready : detail,
                "`ip link` lists what there is, `sudo weir setup NAME...` names others");
}

}  // namespace weir
