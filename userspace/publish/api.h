#pragma once

#include <string>

#include "detect/incidents.h"
#include "publish/event.h"
#include "publish/host_ledger.h"
#include "publish/status.h"

namespace weir {

/// Bodies of the HTTP API, rendered once a tick; lists are cut to their busiest entries, so their size is bounded whatever
/// the traffic.
std::string render_status(const Status& status);
/// `reason`: why not, empty = ready.
std::string render_readiness(const std::string& reason);
std::string render_hosts(const HostLedger& ledger);      ///< /api/v1/hosts: busiest 500, with their last window
std::string render_flows(const Snapshot& tick);          ///< /api/v1/flows: the last tick's largest 100
std::string render_alerts(const AlertHistory& history);  ///< /api/v1/alerts: newest 1000, oldest first
std::string render_events(const EventHistory& history);  ///< /api/v1/events: newest 200, oldest first
/// /api/v1/incidents: newest 500, oldest first.
std::string render_incidents(const Incidents& incidents, std::int64_t now_ns);
std::string render_histograms(const Histograms& histograms);

/// Prometheus text format 0.0.4. Label sets are bounded: never an address.
std::string render_metrics(const Status& status);

}  // namespace weir
