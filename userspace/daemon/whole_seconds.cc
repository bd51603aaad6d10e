#include "daemon/whole_seconds.h"

#include <array>

namespace weir {
namespace {

sigset_t stop_signals() {
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

void block_stop_signals() {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

bool stopped_before_next_second() {
  const sigset_t signals = stop_signals();
  const std::int64_t left = kSecond_ns - now_ns() % kSecond_ns;
  const timespec timeout{left / kSecond_ns, left % kSecond_ns};
  return sigtimedwait(&signals, nullptr, &timeout) > 0;
}

}  // namespace weir
