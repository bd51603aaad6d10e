#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir {

/// Which XDP path an interface may take. kAuto: native where the driver can, else generic.
/// tc at last; kTc: tc at once, which sees merged frames as what they are.
enum class XdpMode { kAuto, kNative, kGeneric, kTc };

/// Whether what leaves is counted too. kAuto: where one interface is watched; with several, a packet that is forwarded from
/// one to another would count twice.
enum class EgressMode { kAuto, kOn, kOff };

struct SensorOptions {
  std::vector<std::string> interfaces;  ///< names; empty = the default route's
  std::uint32_t flows = 65536;          ///< flows that one tick (1 s) may hold on each CPU; all tables follow from it
  XdpMode xdp_mode = XdpMode::kAuto;
  EgressMode egress = EgressMode::kAuto;
  bool gro_off = true;  ///< may switch GRO off where XDP is generic: it merges packets before they are counted
  std::uint32_t samples_per_second = 2000;       ///< payload heads, at most, on each CPU; 0 = none
  std::vector<std::string> answer_interfaces{};  ///< what leaves there goes to Snapshot::answers, for matching only
};

}  // namespace weir
