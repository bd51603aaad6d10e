#include "survival.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace weir {
namespace {

/// Places from the top, the greatest is 1.
std::vector<std::uint32_t> knot_places(std::uint32_t rows) {
  std::vector<std::uint32_t> places;
  for (std::uint64_t place = 1; place < rows; place += std::max<std::uint64_t>(1, place / 10))
    places.push_back(static_cast<std::uint32_t>(place));
  places.push_back(rows);
  return places;
}

}  // namespace

Survival Survival::of(std::vector<double> sample) {
  std::ranges::sort(sample, std::greater<>());
  std::vector<double> knots;
  const auto rows = static_cast<std::uint32_t>(sample.size());
  for (const std::uint32_t place : knot_places(rows)) knots.push_back(sample[place - 1]);
  return {rows, std::move(knots)};
}

Survival::Survival(std::uint32_t rows, std::vector<double> knots) : rows_(rows), knots_(std::move(knots)) {
  const auto surprise_of = [rows](double at_least) { return std::log10((rows + 1.0) / (at_least + 1)); };
  for (const std::uint32_t place : knot_places(rows)) surprises_.push_back(surprise_of(place - 1.0));
  surprises_.push_back(surprise_of(rows));
}

std::size_t Survival::knot_count(std::uint32_t rows) { return knot_places(rows).size(); }

double Survival::surprise(double x) const {
  const auto below = std::lower_bound(knots_.begin(), knots_.end(), x, std::greater_equal<>());
  return surprises_[static_cast<std::size_t>(below - knots_.begin())];
}

}  // namespace weir
