#pragma once

#include <time.h>

#include <csignal>
#include <cstdint>

namespace weir {

inline constexpr std::int64_t kSecond_ns = 1'000'000'000;

std::int64_t now_ns(clockid_t clock = CLOCK_REALTIME);

/// SIGTERM, SIGINT and SIGHUP, which what watches live traffic waits for. To be called before any thread starts: all inherit
/// the mask, so only await_next_second() receives them.
void block_signals();

enum class Wake {
  kSecond,
  kStop,    ///< SIGTERM, SIGINT
  kHangUp,  ///< SIGHUP: a daemon reloads, and what belongs to a terminal has lost it
};

/// Waits for such a signal, at most until the next whole second of the wall clock.
Wake await_next_second();

/// Whether this process can still reach the terminal that it was started from.
bool has_terminal();

}  // namespace weir
