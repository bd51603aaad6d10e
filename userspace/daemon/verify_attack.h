#pragma once

#include <string>

#include "base/result.h"
#include "daemon/verify_check.h"

namespace weir {

/// What became of a port scan that was made for the purpose.
struct SimulatedAttack {
  std::string kind;  ///< the rule that fired
  std::string text;  ///< what the alert said
  std::string mode;  ///< how the sensor was attached
  double took_s = 0;
};

/// Scans ports over a cable with a sensor of this very program on it, both in namespaces of their own (network, mounts,
/// processes), and waits for the alert over HTTP. Touches nothing outside; what it makes dies with this process, however
/// that ends. EPERM: namespaces may not be made.
[[nodiscard]] Result<SimulatedAttack> simulate_attack();

Check check_attack();

}  // namespace weir
