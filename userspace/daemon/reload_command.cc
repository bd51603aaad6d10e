#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>

#include "daemon/ask_daemon.h"
#include "daemon/commands.h"
#include "daemon/exit_code.h"
#include "daemon/log.h"
#include "daemon/settings.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 30s;  // new tables are loaded and checked by the kernel, on a busy machine

struct Reloads {
  pid_t pid = 0;
  std::uint64_t taken = 0, refused = 0;
  std::string refusal;
};

[[nodiscard]] Result<Reloads> ask_reloads(const HttpOptions& http, const std::string& url) {
  const auto body = ask_daemon(http, url, "/api/v1/status");
  if (!body) return tl::make_unexpected(body.error());
  const auto status = nlohmann::json::parse(*body, nullptr, false);
  if (!status.is_object() || !status.contains("settings")) return tl::make_unexpected(not_weir());
  const auto& s = status.at("settings");
  return Reloads{status.at("pid").get<pid_t>(), s.at("reloads").get<std::uint64_t>(), s.at("refused").get<std::uint64_t>(),
                 s.at("refusal").get<std::string>()};
}

/// Until it says what became of it. It may answer elsewhere by then: `next` is where the file has it now.
[[nodiscard]] Result<Reloads> await_reload(const Reloads& before, const HttpOptions& next, const std::string& url,
                                           std::chrono::seconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  Result<Reloads> now = before;
  do {
    std::this_thread::sleep_for(50ms);
    now = ask_reloads(next, url);
    if (now && now->taken + now->refused != before.taken + before.refused) return now;
  } while (std::chrono::steady_clock::now() < until);
  return now ? fail(ETIMEDOUT, "the sensor has not said in time what became of it: see its log") : now;
}

/// Of ExecReload: where the file names another port, or none, the running sensor cannot be asked before.
[[nodiscard]] Result<Reloads> started_by_systemd(const Error& silent) {
  const char* pid = std::getenv("MAINPID");
  if (pid == nullptr || std::atoi(pid) <= 1) return tl::make_unexpected(silent);
  return Reloads{std::atoi(pid), 0, 0, ""};
}

int send_hang_up(pid_t pid) {
  if (kill(pid, SIGHUP) == 0) return kOk;
  const int code = errno;
  complain({code, fmt::format("process {}: {}; ask as root, or `systemctl reload weir`", pid, std::strerror(code))});
  return code == EPERM ? kNoPermission : kFailed;
}

}  // namespace

int reload_command(const ReloadArguments& arguments) {
  const auto config = load_settings(arguments.config);
  if (!config) return complain(config.error()), kBadConfig;
  auto before = ask_reloads(config->publish.http, arguments.url);
  const bool was_silent = !before;
  if (!before) before = started_by_systemd(before.error());
  if (!before) return complain(before.error()), kFailed;
  if (const int code = send_hang_up(before->pid); code != kOk) return code;
  const auto after = await_reload(*before, config->publish.http, arguments.url, was_silent ? 5s : kPatience);
  // Its port is another, it has none, or it waits for its schedule.
  if (!after && was_silent) return std::puts("asked to reload; it does not answer, so its log says what became of it"), kOk;
  if (!after) return complain(after.error()), kFailed;
  if (after->refused != before->refused)
    return complain({0, "not reloaded, all stays as it was: " + after->refusal}), kBadConfig;
  std::puts("reloaded");
  return kOk;
}

}  // namespace weir
