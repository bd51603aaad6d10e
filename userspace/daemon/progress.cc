#include "daemon/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "daemon/whole_seconds.h"

namespace weir {
namespace {

constexpr std::size_t kBar = 30;                  // characters
constexpr std::int64_t kRedraw_ns = 100'000'000;  // a terminal costs more than a window

}  // namespace

Progress::Progress() : is_terminal_(isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (is_drawn_) std::fputc('\n', stderr);
}

void Progress::show(double share, const std::string& note) {
  share = std::clamp(share, 0.0, 1.0);
  if (is_terminal_) return draw(share, note);
  const int tenths = static_cast<int>(share * 10);
  if (tenths <= tenths_) return;
  tenths_ = tenths;
  fmt::print(stderr, "{:3.0f} %  {}\n", share * 100, note);
}

void Progress::draw(double share, const std::string& note) {
  const std::int64_t now = now_ns(CLOCK_MONOTONIC);
  if (is_drawn_ && share < 1 && now - drawn_ns_ < kRedraw_ns) return;
  is_drawn_ = true;
  drawn_ns_ = now;
  const auto full = static_cast<std::size_t>(share * static_cast<double>(kBar));
  // ESC [K: what the line before left behind it.
  fmt::print(stderr, "\r[{}{}] {:3.0f} %  {}\x1b[K", std::string(full, '#'), std::string(kBar - full, '.'), share * 100,
             note);
  std::fflush(stderr);
}

}  // namespace weir
