#include "daemon/timed_source.h"

#include <algorithm>
#include <utility>

#include "daemon/whole_seconds.h"

namespace weir {

TimedSource::TimedSource(std::unique_ptr<LiveSource> source, unsigned duration_s)
    : source_(std::move(source)), began_ns_(now_ns(CLOCK_MONOTONIC)), until_ns_(began_ns_ + duration_s * kSecond_ns) {}

Result<bool> TimedSource::read_tick(Snapshot& out) {
  out.clear();
  if (has_ended_) return false;
  is_stopped_ = await_next_second() != Wake::kSecond;
  has_ended_ = is_stopped_ || now_ns(CLOCK_MONOTONIC) >= until_ns_;  // this is the last tick
  auto more = source_->read_tick(out);
  if (!more) return more;
  if (auto followed = source_->follow_interfaces(); !followed) return tl::make_unexpected(followed.error());
  return more;
}

double TimedSource::share_done() const {
  const auto done = static_cast<double>(now_ns(CLOCK_MONOTONIC) - began_ns_);
  return std::min(1.0, done / static_cast<double>(until_ns_ - began_ns_));
}

}  // namespace weir
