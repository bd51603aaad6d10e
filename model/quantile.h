#pragma once

#include <span>

namespace weir {

/// Linear between neighbours, as numpy's default. `sorted` must not be empty, q in 0..1.
double quantile(std::span<const double> sorted, double q);

}  // namespace weir
