#include "sensor/table_size.h"

#include <algorithm>

#include "weir_abi.h"

namespace weir {
namespace {

/// CPUs share them with atomics: they count only what overflows.
constexpr std::uint32_t kMostPortHistograms = 4;

}  // namespace

std::uint64_t TableSize::bytes(std::uint32_t cpus) const {
  weir_config config{};
  set_table_sizes(config, *this, cpus);
  const MapEntries n = map_entries(config);
  const auto of = [](std::uint64_t entries, std::size_t size) { return entries * size; };
  return of(n.flows4, sizeof(weir_set4)) + of(n.flows6, sizeof(weir_set6)) +
         of(n.touched4 + n.touched6, sizeof(weir_touched)) + of(n.hosts, sizeof(weir_host_set)) +
         of(n.states, sizeof(weir_state)) + of(n.ports, sizeof(weir_ports)) + of(n.filter, sizeof(std::uint64_t));
}

void set_table_sizes(weir_config& config, const TableSize& size, std::uint32_t cpus) {
  config.cpus = cpus;
  config.sets4 = size.sets4;
  config.sets6 = size.sets6;
  config.host_sets = size.host_sets;
  config.filter_words = size.filter_words;
  config.port_histograms = std::clamp(cpus, 1u, kMostPortHistograms);
}

MapEntries map_entries(const weir_config& c) {
  const auto both = [&c](std::uint32_t shared, std::uint32_t spill) {
    return 2 * generation_entries(shared, spill, c.cpus);
  };
  const auto lines = [](std::uint32_t sets) { return sets / WEIR_GROUP_SETS / sizeof(weir_touched) + 1; };
  MapEntries n{};
  n.flows4 = both(c.sets4, WEIR_SPILL_SETS4);
  n.flows6 = both(c.sets6, WEIR_SPILL_SETS6);
  n.touched4 = static_cast<std::uint32_t>(lines(n.flows4));
  n.touched6 = static_cast<std::uint32_t>(lines(n.flows6));
  n.hosts = both(c.host_sets, WEIR_SPILL_HOST_SETS);
  n.filter = both(c.filter_words, WEIR_SPILL_WORDS);
  n.states = 2 * c.cpus;
  n.ports = 2 * c.port_histograms;
  return n;
}

TableSize size_tables(std::uint32_t flows) {
  const auto each = [flows](std::uint32_t flows_in_one, std::uint32_t least) {
    return std::max((flows + flows_in_one - 1) / flows_in_one, least);
  };
  return {.sets4 = each(WEIR_WAYS / 2, 16),
          .sets6 = each(WEIR_WAYS, 8),
          .host_sets = each(64, 64),
          .filter_words = each(32, 64)};
}

}  // namespace weir
