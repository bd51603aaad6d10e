#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "random.h"
#include "row_table.h"

namespace weir {

/// Of a stream of unknown length so many rows, each as likely as any other to be among them (Vitter: Random Sampling with a
/// Reservoir, 1985, algorithm R). The same stream and seed give the same rows.
class Reservoir {
 public:
  /// Both at least 1.
  Reservoir(std::uint32_t columns, std::size_t capacity, std::uint64_t seed);

  /// `row` has so many columns. Returns where it was put, in place of another once the reservoir is full; kNowhere if it
  /// was passed over.
  std::size_t add(std::span<const float> row);
  static constexpr std::size_t kNowhere = ~std::size_t{0};

  RowTable table() const { return {values_, columns_}; }
  /// Rows that came by.
  std::uint64_t seen() const { return seen_; }

 private:
  std::uint32_t columns_;
  std::size_t capacity_;
  Random random_;
  std::vector<float> values_;
  std::uint64_t seen_ = 0;
};

}  // namespace weir
