#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "sensor/flow_snapshot.h"

namespace weir {

/// A network and the side that it must be on: "source:10.0.0.0/8", "destination:fd00::5", "either:192.0.2.1". Without a
/// side, either.
class HostMatch {
 public:
  [[nodiscard]] static std::optional<HostMatch> parse(std::string_view text);
  std::string to_string() const;

  /// Of an alarm about `host` in `role`, and `other`, the far side where it is known (else IpAddress()).
  bool matches(const IpAddress& host, Role role, const IpAddress& other) const;

 private:
  enum class Side : std::uint8_t { kEither, kSource, kDestination };

  Side side_ = Side::kEither;
  IpPrefix network_;
};

}  // namespace weir
