#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weir {

/// Rows of a table, one after the other, as somebody else holds them.
struct RowTable {
  std::span<const float> values;
  std::uint32_t columns = 1;

  std::size_t rows() const { return values.size() / columns; }
  const float* row(std::size_t number) const { return values.data() + number * columns; }
};

/// Copies of some rows, one after the other.
inline std::vector<float> gather(const RowTable& table, std::span<const std::uint32_t> numbers) {
  std::vector<float> values;
  values.reserve(numbers.size() * table.columns);
  for (const std::uint32_t number : numbers)
    values.insert(values.end(), table.row(number), table.row(number) + table.columns);
  return values;
}

}  // namespace weir
