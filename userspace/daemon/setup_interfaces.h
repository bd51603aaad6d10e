#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace weir {

/// A network device as `weir setup` shows it.
struct Device {
  std::string name, driver;
  bool is_loopback = false, is_up = false, has_carrier = false, has_default_route = false;
  unsigned addresses = 0;  ///< without IPv6's link-local one
};

[[nodiscard]] Result<std::vector<Device>> list_devices();
std::string render_devices(const std::vector<Device>& devices);
/// Which one to watch where nobody says: the default route's, else the first that carries addresses; empty: none.
std::string propose_device(const std::vector<Device>& devices);

/// Whether these can be watched together: each is there (or is a pattern), none is the loopback, none lies on another.
[[nodiscard]] Result<void> check_interfaces(const std::vector<std::string>& names, const std::vector<Device>& devices);

}  // namespace weir
