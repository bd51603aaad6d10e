#pragma once

#include "features/signs.h"
#include "sensor/flow_snapshot.h"

namespace weir {

/// What a sampled payload head is a sign of.
void read_sample_signs(const PayloadSample& sample, Signs& signs);

}  // namespace weir
