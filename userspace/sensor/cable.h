#pragma once

#include <string>

#include "base/result.h"

namespace weir {

/// A virtual cable (veth): one end here, the other in the network namespace that `there` is open on. It goes with either.
[[nodiscard]] Result<void> lay_cable(const std::string& here_name, const std::string& there_name, int there);

/// Brings an interface of this network namespace up, with an IPv4 address in a network of 24 bits unless that is "".
[[nodiscard]] Result<void> bring_up(const std::string& interface, const std::string& address = "");

}  // namespace weir
