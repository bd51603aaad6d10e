#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

/// Which XDP path an interface may take. kAuto: native where the driver can, else generic.
/// tc at last; kTc: tc at once, which sees merged frames as what they are.
enum class XdpMode { kAuto, kNative, kGeneric, kTc };

/// Whether what leaves is counted too. kAuto: where one interface is watched; with several, a packet that is forwarded from
/// one to another would count twice.
enum class EgressMode { kAuto, kOn, kOff };

/// Which side of the gateway an interface is on, as the operator says it.
enum class InterfaceRole { kNone, kInside, kOutside };
constexpr std::string_view interface_role_name(InterfaceRole role) {
  return role == InterfaceRole::kInside ? "inside" : role == InterfaceRole::kOutside ? "outside" : "none";
}

/// An interface to watch, or all whose names match a pattern.
struct InterfaceOptions {
  InterfaceOptions() = default;
  InterfaceOptions(const char* name_or_pattern) : name(name_or_pattern) {}             // NOLINT: a name is enough
  InterfaceOptions(std::string name_or_pattern) : name(std::move(name_or_pattern)) {}  // NOLINT: a name is enough

  std::string name;  ///< a pattern if it has one of * ? [ in it, as fnmatch(3) reads them
  InterfaceRole role = InterfaceRole::kNone;
  bool mirror = false;  ///< a SPAN port: its packets are copies, dropped once counted

  bool is_pattern() const { return name.find_first_of("*?[") != std::string::npos; }
  bool operator==(const InterfaceOptions&) const = default;
};

/// Traffic in which other packets travel: of those that are opened, what is inside is counted instead of the tunnel.
enum class Tunnel { kVxlan, kGre, kIpInIp, kMpls, kPppoe };

struct SensorOptions {
  std::vector<InterfaceOptions> interfaces;  ///< empty = the default route's
  std::uint32_t flows = 131072;  ///< flows that one tick (1 s) may hold on this machine; all tables follow from it
  XdpMode xdp_mode = XdpMode::kAuto;
  EgressMode egress = EgressMode::kAuto;
  bool gro_off = true;  ///< may switch GRO off where XDP is generic: it merges packets before they are counted
  std::uint32_t samples_per_second = 2000;  ///< payload heads, at most, on each CPU; 0 = none
  /// The others have an IP flow outside, which counts as long as they are not opened; these have none.
  std::vector<Tunnel> decapsulate = {Tunnel::kMpls, Tunnel::kPppoe};
};

}  // namespace weir
