#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace weir {

/// What an interface is and may do; asked with ioctls, in the caller's network namespace. Errors name the interface.

/// Refuses interfaces whose frames do not begin with an Ethernet header, with their kind (ARPHRD_*) in the message:
/// EOPNOTSUPP.
[[nodiscard]] Result<void> require_ethernet(const std::string& interface);

/// Name of its driver ("e1000e", "veth"); empty where it has none.
std::string driver_of(const std::string& interface);

/// Longest frame that can have arrived as one: MTU, Ethernet header, two VLAN tags.
[[nodiscard]] Result<std::uint32_t> longest_frame(const std::string& interface);

/// Generic receive offload, which merges packets before generic XDP and tc see them.
[[nodiscard]] Result<bool> is_gro_on(const std::string& interface);

/// GRO switched off for as long as this lives. One that was off already stays off.
class GroOff {
 public:
  GroOff() = default;
  GroOff(GroOff&& other) noexcept : ifindex_(std::exchange(other.ifindex_, 0)) {}
  GroOff& operator=(GroOff&& other) noexcept {
    std::swap(ifindex_, other.ifindex_);
    return *this;
  }
  ~GroOff();

  [[nodiscard]] static Result<GroOff> start(const std::string& interface);
  /// True if it was on before.
  explicit operator bool() const { return ifindex_ != 0; }

 private:
  int ifindex_ = 0;  ///< not the name: it may change; 0 = nothing to restore
};

}  // namespace weir
