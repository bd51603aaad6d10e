#pragma once

#include <string>

#include "base/result.h"

namespace weir {

/// Tries TCP ports 1 to 200 of an IPv4 address with ordinary sockets, in this network namespace.
[[nodiscard]] Result<void> scan_ports(const std::string& address);

}  // namespace weir
