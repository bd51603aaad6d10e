#include "daemon/whole_seconds.h"

#include <fcntl.h>

#include <array>

#include "base/unique_fd.h"

namespace weir {
namespace {

sigset_t awaited_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : std::array{SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

std::int64_t now_ns(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * kSecond_ns + now.tv_nsec;
}

void block_signals() {
  const sigset_t signals = awaited_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

Wake await_next_second() {
  const sigset_t signals = awaited_signals();
  const std::int64_t left = kSecond_ns - now_ns() % kSecond_ns;
  const timespec timeout{left / kSecond_ns, left % kSecond_ns};
  const int signal = sigtimedwait(&signals, nullptr, &timeout);
  return signal == SIGHUP ? Wake::kHangUp : signal > 0 ? Wake::kStop : Wake::kSecond;
}

bool has_terminal() { return static_cast<bool>(UniqueFd(open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC))); }

}  // namespace weir
