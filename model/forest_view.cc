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

/// Children come after their parents, so one pass from the back has them ready.
std::vector<double> expected_depths(const ForestView& forest) {
  std::vector<double> expected(forest.value.begin(), forest.value.end());
  for (std::size_t i = expected.size(); i-- > 0;) {
    if (forest.is_leaf(i)) continue;
    const std::size_t left = forest.left[i];
    const std::size_t right = forest.right[i];
    expected[i] = (forest.rows[left] * expected[left] + forest.rows[right] * expected[right]) / forest.rows[i];
  }
  return expected;
}

}  // namespace weir
