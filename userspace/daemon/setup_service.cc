#include "daemon/setup_service.h"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <cerrno>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "daemon/ask_daemon.h"
#include "daemon/run_program.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto kPatience = 30s;

[[nodiscard]] Result<void> control(const std::vector<std::string>& words) {
  std::vector<std::string> command = {"systemctl"};
  command.insert(command.end(), words.begin(), words.end());
  const auto done = run_program(command);
  if (!done) return tl::make_unexpected(done.error());
  if (done->code == 0) return {};
  std::string said = done->output.substr(0, done->output.find('\n'));
  return fail(0, fmt::format("systemctl {}: {}; `journalctl -u weir -n 20` says why", words[0], said));
}

bool is_active() { return control({"is-active", "--quiet", "weir.service"}).has_value(); }

std::string attachments(const json& status) {
  std::string out;
  for (const json& i : status.at("interfaces")) {
    const bool is_attached = i.at("state") == "attached";
    out += fmt::format("{}{}: {} {}", out.empty() ? "" : "; ", i.at("name").get<std::string>(),
                       i.at(is_attached ? "hook" : "state").get<std::string>(),
                       i.at(is_attached ? "mode" : "reason").get<std::string>());
  }
  return out;
}

[[nodiscard]] Result<std::string> await_answer(const HttpOptions& http) {
  Result<std::string> body = fail(0, "");
  for (const auto until = std::chrono::steady_clock::now() + kPatience; std::chrono::steady_clock::now() < until;) {
    body = ask_daemon(http, "", "/api/v1/status");
    const json status = json::parse(body.value_or(""), nullptr, false);
    if (status.is_object() && status.value("ticks", 0) > 0) return attachments(status);
    std::this_thread::sleep_for(200ms);
  }
  return fail(ETIMEDOUT, "started, but it does not answer: " + (body ? "no tick yet" : body.error().what));
}

}  // namespace

Result<std::string> start_service(const HttpOptions& http) {
  if (sd_booted() <= 0)
    return fail(ENOSYS, "named, but not started: systemd does not run here; `weir run` starts it by hand");
  const bool ran = is_active();
  auto done = control({"enable", "weir.service"});
  if (done) done = control({ran ? "reload" : "start", "weir.service"});
  if (!done) return tl::make_unexpected(done.error());
  if (!http.enabled) return std::string("started; http.enabled is false, so its log says how it is attached");
  return await_answer(http);
}

}  // namespace weir
