#pragma once

#include <string>

#include "detect/incidents.h"
#include "publish/host_ledger.h"
#include "publish/status.h"

namespace weir {

/// What was seen, for a person: totals, the busiest hosts as a table, alerts by kind, incidents.
std::string render_summary(const Status& status, const HostLedger& ledger, const Incidents& incidents);

}  // namespace weir
