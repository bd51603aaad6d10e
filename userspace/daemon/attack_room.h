#pragma once

#include "base/result.h"
#include "daemon/verify_attack.h"

namespace weir {

/// To be called by the first process of new network, mount and process namespaces, which has nothing else to do: lays a
/// cable from its network to another, watches its end, scans from the other.
[[nodiscard]] Result<SimulatedAttack> attack_in_room();

}  // namespace weir
