#pragma once

#include <cstdint>
#include <vector>

#include "features/flow_join.h"
#include "features/host_table.h"

namespace weir {

/// What the flows of a closed window say about their hosts; one entry a host place.
struct FlowFigures {
  std::uint64_t gaps = 0;
  double sum_gaps_s = 0, sum_squared_gaps_s2 = 0;
  double payload_bytes = 0, sum_squared_payload = 0;
  std::uint32_t unique_ports = 0;
};

/// Adds one flow to its source's figures.
void add_flow_figures(const JoinedFlow& flow, FlowFigures& figures);

/// The 18 features of a source host (model/feature_schema.h has their definitions).
FeatureVector make_features(const HostWindow& host, const FlowFigures& figures, double payload_entropy);

}  // namespace weir
