#include "daemon/run_program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/unique_fd.h"

namespace weir {
namespace {

std::string read_all(int from) {
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t got = 0; (got = read(from, part.data(), part.size())) > 0 || (got < 0 && errno == EINTR);)
    if (got > 0) text.append(part.data(), static_cast<std::size_t>(got));
  return text;
}

int wait_for(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Result<ProgramResult> run_program(const std::vector<std::string>& command) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail(errno, std::string("pipe: ") + std::strerror(errno));
  const UniqueFd from(ends[0]);
  UniqueFd to(ends[1]);
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, to.get(), STDERR_FILENO);
  pid_t process = 0;
  const int error = posix_spawnp(&process, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return fail(error, command[0] + ": " + std::strerror(error));
  to = UniqueFd();
  std::string output = read_all(from.get());
  return ProgramResult{wait_for(process), std::move(output)};
}

}  // namespace weir
