#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>

namespace weir {

struct QuadraturePoint {
  double t, weight;
};

/// Point k of n of Gauss and Legendre's rule over 0..1, the last of them first. The weighted sum is the integral of any
/// polynomial up to degree 2n - 1.
inline QuadraturePoint gauss_legendre(std::size_t k, std::size_t n) {
  const auto degree = static_cast<double>(n);
  double x = std::cos(std::numbers::pi * (static_cast<double>(k) + 0.75) / (degree + 0.5));  // of -1..1
  double slope = 0;
  for (int step = 0; step < 6; ++step) {  // Newton's method: from so near, four steps reach the last digit
    double before = 1, value = x;         // of Legendre's polynomials, by Bonnet's recursion
    for (double d = 2; d <= degree; ++d) before = std::exchange(value, ((2 * d - 1) * x * value - (d - 1) * before) / d);
    slope = degree * (x * value - before) / (x * x - 1);
    x -= value / slope;
  }
  return {(1 + x) / 2, 1 / ((1 - x * x) * slope * slope)};
}

}  // namespace weir
