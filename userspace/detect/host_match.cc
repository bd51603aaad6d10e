#include "detect/host_match.h"

#include <array>
#include <utility>

namespace weir {
namespace {

constexpr std::array<std::string_view, 3> kSides = {"either:", "source:", "destination:"};  // in the order of Side

}  // namespace

std::optional<HostMatch> HostMatch::parse(std::string_view text) {
  HostMatch match;
  for (std::size_t i = 0; i < kSides.size(); ++i)
    if (text.starts_with(kSides[i])) {
      match.side_ = static_cast<Side>(i);
      text.remove_prefix(kSides[i].size());
      break;
    }
  const auto network = IpPrefix::parse(text);
  if (!network) return std::nullopt;
  match.network_ = *network;
  return match;
}

std::string HostMatch::to_string() const {
  return std::string(kSides[static_cast<std::size_t>(side_)]) + network_.to_string();
}

bool HostMatch::matches(const IpAddress& host, Role role, const IpAddress& other) const {
  const IpAddress& source = role == Role::kSource ? host : other;
  const IpAddress& destination = role == Role::kSource ? other : host;
  const auto is_inside = [this](const IpAddress& address) { return address != IpAddress() && network_.contains(address); };
  return (side_ != Side::kDestination && is_inside(source)) || (side_ != Side::kSource && is_inside(destination));
}

}  // namespace weir
