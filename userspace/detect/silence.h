#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detect/host_match.h"
#include "detect/schedule.h"

namespace weir {

enum class SilenceCause : std::uint8_t { kAllowed, kMuted, kMaintenance };
inline constexpr std::size_t kSilenceCauses = 3;
constexpr std::string_view silence_cause_name(SilenceCause cause) {
  return cause == SilenceCause::kAllowed ? "allow" : cause == SilenceCause::kMuted ? "mute" : "maintenance";
}

/// Why an alert is delivered to nobody.
struct Silenced {
  SilenceCause cause = SilenceCause::kAllowed;
  std::string name;
};

/// Alarms that the operator expects. They are judged and counted like all others, but delivered to nobody.
struct Silence {
  SilenceCause cause = SilenceCause::kAllowed;
  std::string name;  ///< the operator's words for it
  std::vector<HostMatch> hosts;
  std::vector<std::string> kinds;  ///< none: all
  Schedule schedule;

  bool covers(const IpAddress& host, Role role, const IpAddress& other) const;
  bool covers(std::string_view kind) const;
};

}  // namespace weir
