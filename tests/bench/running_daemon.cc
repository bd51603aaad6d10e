#include "bench/running_daemon.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "support/private_network.h"

namespace weir::test {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(100);
constexpr int kMostPolls = 600;  // fifty times what two ticks take: a daemon that falls behind its traffic fails

[[noreturn]] void become_daemon(const std::filesystem::path& folder, const std::string& interface) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pin_to_cpu(static_cast<int>(std::thread::hardware_concurrency()) - 1);
  const int log = open((folder / "log").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (log >= 0) dup2(log, STDERR_FILENO);
  execl(WEIR_BINARY, "weir", "run", "-c", (folder / "weir.yaml").c_str(), interface.c_str(), nullptr);
  _exit(127);
}

}  // namespace

RunningDaemon::RunningDaemon(const std::string& interface, std::uint32_t flows) {
  std::string name = (std::filesystem::temp_directory_path() / "weir_live_XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("make a temporary folder");
  folder_ = name;
  std::ofstream(folder_ / "weir.yaml") << "flows: " << flows << "\nalerts:\n  file: " << (folder_ / "alerts").string()
                                       << "\n  journal: false\n";
  pid_ = fork();
  if (pid_ == 0) become_daemon(folder_, interface);
  wait_for_ticks(1);
}

RunningDaemon::~RunningDaemon() {
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

double RunningDaemon::cpu_ns() const {
  clockid_t clock{};
  timespec now{};
  if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &now) != 0)
    throw std::runtime_error("the daemon has gone");
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

std::string RunningDaemon::ask() const {
  std::FILE* pipe =
      popen((WEIR_BINARY " status --json -c " + (folder_ / "weir.yaml").string() + " 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("weir status");
  std::string answer;
  std::array<char, 4096> part{};
  while (std::fgets(part.data(), part.size(), pipe) != nullptr) answer += part.data();
  return pclose(pipe) == 0 ? answer : "";
}

nlohmann::json RunningDaemon::status() const {
  const std::string answer = ask();
  if (answer.empty()) throw std::runtime_error("the daemon does not answer");
  return nlohmann::json::parse(answer);
}

std::uint64_t RunningDaemon::packets() const {
  const nlohmann::json packets = status().at("packets");
  auto sum = packets.at("in_flows").get<std::uint64_t>() + packets.at("overflow").get<std::uint64_t>();
  for (const auto& [reason, count] : packets.at("undecoded").items()) sum += count.get<std::uint64_t>();
  return sum;
}

void RunningDaemon::wait_for_ticks(int count) const {
  const auto ticks = [this] {
    const std::string answer = ask();
    return answer.empty() ? std::int64_t{0} : nlohmann::json::parse(answer).at("ticks").get<std::int64_t>();
  };
  const std::int64_t until = ticks() + count;
  for (int i = 0; i < kMostPolls; ++i) {
    std::this_thread::sleep_for(kPoll);
    if (ticks() >= until) return;
  }
  throw std::runtime_error("the daemon does not tick");
}

}  // namespace weir::test
