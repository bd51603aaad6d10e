#include "forest_view.h"

#include <cmath>

namespace weir {
namespace {

constexpr double kEulerGamma = 0.5772156649015329;

}  // namespace

double average_depth(std::uint32_t rows) {
  if (rows <= 1) return 0;
  if (rows == 2) return 1;
  const double n = rows;
  return 2 * (std::log(n - 1) + kEulerGamma) - 2 * (n - 1) / n;
}

}  // namespace weir
