#include "reservoir.h"

#include <algorithm>

namespace weir {

Reservoir::Reservoir(std::uint32_t columns, std::size_t capacity, std::uint64_t seed)
    : columns_(columns), capacity_(capacity), random_(seed) {}

std::size_t Reservoir::add(std::span<const float> row) {
  if (seen_++ < capacity_) {
    values_.insert(values_.end(), row.begin(), row.end());
    return seen_ - 1;
  }
  const auto place = static_cast<std::size_t>(random_.uniform() * static_cast<double>(seen_));
  if (place >= capacity_) return kNowhere;
  std::ranges::copy(row, values_.begin() + static_cast<std::ptrdiff_t>(place * columns_));
  return place;
}

}  // namespace weir
