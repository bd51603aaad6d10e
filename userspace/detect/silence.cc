#include "detect/silence.h"

#include <algorithm>

namespace weir {

bool Silence::covers(const IpAddress& host, Role role, const IpAddress& other) const {
  return std::ranges::any_of(hosts, [&](const HostMatch& match) { return match.matches(host, role, other); });
}

bool Silence::covers(std::string_view kind) const { return kinds.empty() || std::ranges::count(kinds, kind) > 0; }

}  // namespace weir
