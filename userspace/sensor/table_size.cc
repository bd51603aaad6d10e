#include "sensor/table_size.h"

#include <algorithm>
#include <bit>

#include "weir_abi.h"

namespace weir {

std::uint64_t TableSize::bytes(std::uint32_t cpus) const {
  const std::uint64_t region = std::uint64_t{sets4} * sizeof(weir_set4) + std::uint64_t{sets6} * sizeof(weir_set6) +
                               std::uint64_t{host_sets} * sizeof(weir_host_set) + std::uint64_t{filter_words} * 8 +
                               sizeof(weir_state) + sizeof(weir_ports);
  return 2 * region * cpus;
}

TableSize size_tables(std::uint32_t flows) {
  const auto at_least = [](std::uint32_t wanted, std::uint32_t least) { return std::bit_ceil(std::max(wanted, least)); };
  TableSize size;
  size.sets4 = at_least(flows / WEIR_WAYS * 2, 16);
  size.sets6 = at_least(flows / WEIR_WAYS, 8);
  size.host_sets = at_least(flows / 64, 64);
  size.filter_words = at_least(flows / 32, 64);
  return size;
}

}  // namespace weir
