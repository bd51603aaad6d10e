#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir {

/// Which XDP path an interface may take. kAuto: native where the driver can, else generic.
enum class XdpMode { kAuto, kNative, kGeneric };

struct SensorOptions {
  std::vector<std::string> interfaces;  ///< names; empty = the default route's
  std::uint32_t flows = 131072;         ///< flows that one tick (1 s) may hold on this machine; all tables follow from it
  XdpMode xdp_mode = XdpMode::kAuto;
  std::uint32_t samples_per_second = 2000;  ///< payload heads, at most, on each CPU; 0 = none
};

}  // namespace weir
