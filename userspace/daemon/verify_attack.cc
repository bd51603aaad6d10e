#include "daemon/verify_attack.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/unique_fd.h"
#include "daemon/attack_room.h"

namespace weir {
namespace {

using nlohmann::json;

constexpr int kPatience_ms = 120'000;  // the room gives up before

/// Called first thing in a child: it must not outlive its parent, whatever that dies of.
void die_with(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it died before
}

void send(int to, const Result<SimulatedAttack>& outcome) {
  const json said =
      outcome ? json{{"kind", outcome->kind}, {"text", outcome->text}, {"mode", outcome->mode}, {"took_s", outcome->took_s}}
              : json{{"code", outcome.error().code}, {"error", outcome.error().what}};
  const std::string text = said.dump(-1, ' ', false, json::error_handler_t::replace);
  static_cast<void>(!write(to, text.data(), text.size()));  // a parent that does not read has died
}

/// In a process of its own; the next one that it starts is the first of a process namespace, whose end is the end of all.
void run_in_room(int to) {
  if (unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID) != 0)
    return send(to, fail(errno == EINVAL || errno == ENOSPC ? EPERM : errno,
                         std::string("make namespaces: ") + std::strerror(errno)));
  const pid_t first = fork();
  if (first < 0) return send(to, fail(errno, std::string("start a process: ") + std::strerror(errno)));
  if (first == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // of a parent outside the namespace getppid() is 0
    send(to, attack_in_room());
    _exit(0);
  }
  int status = 0;
  while (waitpid(first, &status, 0) < 0 && errno == EINTR) {
  }
}

std::string read_outcome(int from) {
  std::string text;
  std::array<char, 4096> part{};
  for (pollfd ready{from, POLLIN, 0}; poll(&ready, 1, kPatience_ms) > 0;) {
    const ssize_t got = read(from, part.data(), part.size());
    if (got <= 0) break;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  return text;
}

[[nodiscard]] Result<SimulatedAttack> understand(const std::string& text) {
  const json said = json::parse(text, nullptr, false);
  if (!said.is_object()) return fail(0, "the room's process ended without a word");
  if (said.contains("error")) return fail(said.at("code").get<int>(), said.at("error").get<std::string>());
  return SimulatedAttack{said.at("kind"), said.at("text"), said.at("mode"), said.at("took_s")};
}

}  // namespace

Result<SimulatedAttack> simulate_attack() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail(errno, std::string("pipe: ") + std::strerror(errno));
  const UniqueFd from(ends[0]);
  UniqueFd to(ends[1]);
  const pid_t parent = getpid(), child = fork();
  if (child < 0) return fail(errno, std::string("start a process: ") + std::strerror(errno));
  if (child == 0) {
    die_with(parent);
    run_in_room(to.get());
    _exit(0);
  }
  to = UniqueFd();
  const std::string text = read_outcome(from.get());
  kill(child, SIGKILL);  // ours, and not waited for yet
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return understand(text);
}

Check check_attack() {
  const char* const name = "attack";
  const auto attack = simulate_attack();
  if (attack)
    return passed(name, fmt::format("a port scan in a private namespace ({}) raised {} after {:.1f} s: {}", attack->mode,
                                    attack->kind, attack->took_s, attack->text));
  if (attack.error().code == EPERM) return skipped_for_root(name, attack.error().what);
  return failed(name, attack.error().what, "`sudo weir run lo` tries the same by hand");
}

}  // namespace weir
