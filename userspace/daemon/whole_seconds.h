#pragma once

#include <time.h>

#include <csignal>
#include <cstdint>

namespace weir {

inline constexpr std::int64_t kSecond_ns = 1'000'000'000;

std::int64_t now_ns(clockid_t clock = CLOCK_REALTIME);

/// Signals that end what watches live traffic. To be called before any thread starts: all inherit the mask, so only
/// stopped_before_next_second() receives them.
void block_stop_signals();

/// Waits for such a signal, at most until the next whole second of the wall clock. True if one came.
bool stopped_before_next_second();

}  // namespace weir
