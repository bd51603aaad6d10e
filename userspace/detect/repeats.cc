#include "detect/repeats.h"

#include <algorithm>

namespace weir {

bool Repeats::is_new(const IpAddress& host, Role role, std::string_view kind, std::int64_t time_ns) {
  // A time before the last alarm is a clock that was set back: not a repeat.
  const auto is_quiet = [&](std::int64_t raised) { return time_ns >= raised && time_ns - raised < quiet_ns_; };
  const Key key{host, role, kind};
  if (const auto last = raised_ns_.find(key); last != raised_ns_.end() && is_quiet(last->second)) {
    ++suppressed_;
    return false;
  }
  if (raised_ns_.size() >= prune_at_) {
    std::erase_if(raised_ns_, [&](const auto& entry) { return !is_quiet(entry.second); });
    prune_at_ = std::max<std::size_t>(1024, 2 * raised_ns_.size());
  }
  raised_ns_[key] = time_ns;
  return true;
}

}  // namespace weir
