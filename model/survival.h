#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace weir {

/// How rare a value is at the upper end, by a sample of ordinary ones: exact for the greatest ten, to a tenth below, in some
/// hundred numbers whatever the sample's size.
class Survival {
 public:
  /// `sample` is not empty and finite.
  static Survival of(std::vector<double> sample);
  /// From a file: knots as of knots(), for a sample of so many.
  Survival(std::uint32_t rows, std::vector<double> knots);
  static std::size_t knot_count(std::uint32_t rows);

  /// -log10((c + 1) / (n + 1)), where c of the sample's n values are at least x: 0 for what all are, log10(n + 1) beyond the
  /// greatest. At most 0.05 too low.
  double surprise(double x) const;
  double greatest() const { return knots_.front(); }
  std::uint32_t rows() const { return rows_; }
  /// The 1st, 2nd, ... greatest value, then each 1.1 times as far down, and the least.
  std::span<const double> knots() const { return knots_; }

 private:
  std::uint32_t rows_;
  std::vector<double> knots_;      // falling
  std::vector<double> surprises_;  // of what lies above knot i and not above the one before; then of what lies above none
};

}  // namespace weir
