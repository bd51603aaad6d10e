#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace weir {

/// Rows of a table, one after the other, as somebody else holds them.
struct RowTable {
  std::span<const float> values;
  std::uint32_t columns = 1;

  std::size_t rows() const { return values.size() / columns; }
  const float* row(std::size_t number) const { return values.data() + number * columns; }
};

}  // namespace weir
