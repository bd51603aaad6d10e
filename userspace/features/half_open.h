#pragma once

#include <cstdint>

#include "features/flat_index.h"
#include "features/host_table.h"

namespace weir {

/// SYN packets that were never followed by an ACK, by service (address and TCP port): a flood hits one service, a scan many.
/// Entries exist only for services with connection attempts under way or failed.
class HalfOpen {
 public:
  HalfOpen(std::uint32_t limit, std::uint64_t seed) : index_(limit, seed) {}

  /// A flow to `service` went from `before` to `after` half-open SYN packets. Counted for `place`, the host table's place of
  /// its source (then `by` is the source: its own attempts only) or of its destination (`by` empty: everybody's).
  void change(std::uint32_t place, const IpAddress& by, const IpAddress& service, std::uint16_t port, std::uint64_t before,
              std::uint64_t after);
  /// Raises Evidence::half_open_to_service, which the caller has set to overflow_syn, where a service got more.
  void report(HostTable& hosts) const;
  void clear() { index_.clear(); }

 private:
  struct Key {
    IpAddress by, service;
    std::uint64_t port = 0;  // 8 bytes: no padding
    bool operator==(const Key&) const = default;
  };
  struct Count {
    std::uint32_t place = 0;
    std::uint64_t syn_packets = 0;
  };

  FlatIndex<Key, Count> index_;
};

}  // namespace weir
