#include "daemon/attack_room.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/unique_fd.h"
#include "daemon/ask_daemon.h"
#include "daemon/port_scan.h"
#include "sensor/cable.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

// Of documentation's networks (RFC 5737): home by the configuration below, and nobody else's.
constexpr const char* kWatched = "192.0.2.1";
constexpr const char* kAttacker = "192.0.2.2";
constexpr const char* kFolder = "/tmp";  // a file system of the room's own lies there
constexpr const char* kConfig = "/tmp/weir.yaml";
constexpr const char* kLog = "/tmp/log";
constexpr auto kStart = 40s, kAlert = 40s;  // a window takes 10 s to close; the rest is for a busy machine

/// Small tables, and nothing that is seen outside: not the journal, not the service's folder.
constexpr const char* kSettings = R"(interfaces: [weir0]
flows: 1024
networks: { home: [192.0.2.0/24] }
windows: { hosts: 64, flows: 1024, history_hosts: 64 }
learning: { enabled: false, directory: "" }
alerts: { journal: false }
)";

[[nodiscard]] tl::unexpected<Error> failed_to(const std::string& doing) {
  const int code = errno;
  return fail(code, doing + ": " + std::strerror(code));
}

/// Mounts of our own, which leave with us.
[[nodiscard]] Result<void> furnish() {
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return failed_to("make mounts private");
  if (mount("weir", kFolder, "tmpfs", 0, "size=16m,mode=700") != 0) return failed_to("mount a folder in memory");
  std::ofstream(kConfig) << kSettings;
  return {};
}

struct Networks {
  UniqueFd watched, outside;
};

[[nodiscard]] Result<UniqueFd> this_network() {
  UniqueFd network(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!network) return failed_to("open the network namespace");
  return network;
}

[[nodiscard]] Result<void> enter(const UniqueFd& network) {
  if (setns(network.get(), CLONE_NEWNET) != 0) return failed_to("enter a network namespace");
  return {};
}

/// Ends in the watched one.
[[nodiscard]] Result<Networks> build_networks() {
  auto watched = this_network();
  if (!watched) return tl::make_unexpected(watched.error());
  if (unshare(CLONE_NEWNET) != 0) return failed_to("make a network namespace");
  auto outside = this_network();
  if (!outside) return tl::make_unexpected(outside.error());
  Networks out{std::move(*watched), std::move(*outside)};
  auto done = lay_cable("attacker0", "weir0", out.watched.get());
  if (done) done = bring_up("attacker0", kAttacker);
  if (done) done = enter(out.watched);
  if (done) done = bring_up("lo");
  if (done) done = bring_up("weir0", kWatched);
  if (!done) return tl::make_unexpected(done.error());
  return out;
}

/// Whoever started us is none of the room's business.
void forget_outside() {
  for (const char* name : {"NOTIFY_SOCKET", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_USEC", "WATCHDOG_PID",
                           "JOURNAL_STREAM", "WEIR_API_KEY", "AIOPS_API_KEY"})
    unsetenv(name);
}

/// This program again.
pid_t start_sensor() {
  const pid_t sensor = fork();
  if (sensor != 0) return sensor;
  const int log = open(kLog, O_WRONLY | O_CREAT | O_APPEND, 0600), nothing = open("/dev/null", O_RDWR);
  dup2(nothing, STDIN_FILENO);
  dup2(nothing, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execl("/proc/self/exe", "weir", "run", "-c", kConfig, static_cast<char*>(nullptr));
  _exit(127);
}

/// "weir: " and the level stand before what it said.
std::string last_words() {
  std::ifstream log(kLog);
  std::string last, line;
  while (std::getline(log, line)) last = line;
  return last.empty() ? "it said nothing" : last;
}

/// What `path` shows once it is as `is_wanted` would have it.
[[nodiscard]] Result<json> await(pid_t sensor, const char* path, Clock::duration patience,
                                 const std::function<bool(const json&)>& is_wanted) {
  for (const auto until = Clock::now() + patience; Clock::now() < until; std::this_thread::sleep_for(100ms)) {
    if (waitpid(sensor, nullptr, WNOHANG) == sensor) return fail(ECHILD, "its sensor ended: " + last_words());
    const auto body = ask_daemon({}, "", path);
    json page = json::parse(body.value_or(""), nullptr, false);
    if (page.is_object() && is_wanted(page)) return page;
  }
  return fail(ETIMEDOUT, fmt::format("{} has not shown it within {} s; the sensor's last words: {}", path,
                                     std::chrono::duration_cast<std::chrono::seconds>(patience).count(), last_words()));
}

const json* find_alert(const json& page) {
  for (const json& alert : page.at("alerts"))
    if (alert.at("kind") == "vertical_scan" && alert.at("host") == kAttacker) return &alert;
  return nullptr;
}

}  // namespace

Result<SimulatedAttack> attack_in_room() {
  forget_outside();
  if (auto done = furnish(); !done) return tl::make_unexpected(done.error());
  const auto networks = build_networks();
  if (!networks) return tl::make_unexpected(networks.error());
  const pid_t sensor = start_sensor();
  if (sensor < 0) return failed_to("start a sensor");
  const auto ready = await(sensor, "/api/v1/status", kStart, [](const json& s) { return s.value("ticks", 0) > 0; });
  if (!ready) return tl::make_unexpected(ready.error());

  const auto began = Clock::now();
  auto done = enter(networks->outside);
  if (done) done = scan_ports(kWatched);
  if (done) done = enter(networks->watched);
  if (!done) return tl::make_unexpected(done.error());
  const auto page = await(sensor, "/api/v1/alerts", kAlert, [](const json& p) { return find_alert(p) != nullptr; });
  if (!page) return fail(page.error(), "the scan was not seen");
  const json& alert = *find_alert(*page);
  const json& interface = ready->at("interfaces").at(0);
  return SimulatedAttack{alert.at("kind"), alert.at("text"),
                         interface.at("hook").get<std::string>() + " " + interface.at("mode").get<std::string>(),
                         std::chrono::duration<double>(Clock::now() - began).count()};
}

}  // namespace weir
