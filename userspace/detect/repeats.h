#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "sensor/flow_snapshot.h"

namespace weir {

/// Lets an alarm through once for each host, role and kind in a stretch of time.
class Repeats {
 public:
  explicit Repeats(std::int64_t quiet_ns) : quiet_ns_(quiet_ns) {}

  void use(std::int64_t quiet_ns) { quiet_ns_ = quiet_ns; }

  /// True if this is no repeat; remembers it then.
  bool is_new(const IpAddress& host, Role role, std::string_view kind, std::int64_t time_ns);
  std::uint64_t suppressed() const { return suppressed_; }

 private:
  struct Key {
    IpAddress host;
    Role role;
    std::string_view kind;
    auto operator<=>(const Key&) const = default;
  };

  std::int64_t quiet_ns_;
  std::map<Key, std::int64_t> raised_ns_;
  std::size_t prune_at_ = 1024;
  std::uint64_t suppressed_ = 0;
};

}  // namespace weir
