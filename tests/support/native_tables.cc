#include "support/native_tables.h"

#include <algorithm>
#include <iterator>

#include "sensor/table_share.h"
#include "sensor/table_size.h"

namespace weir::test {

NativeTables::NativeTables(const weir_config& config) {
  const MapEntries n = map_entries(config);
  tables_.config = config;
  tables_.flows4 = add(n.flows4, sizeof(weir_set4));
  tables_.flows6 = add(n.flows6, sizeof(weir_set6));
  tables_.touched4 = add(n.touched4, sizeof(weir_touched));
  tables_.touched6 = add(n.touched6, sizeof(weir_touched));
  tables_.hosts = add(n.hosts, sizeof(weir_host_set));
  tables_.states = add(n.states, sizeof(weir_state));
  tables_.ports = add(n.ports, sizeof(weir_ports));
  tables_.filter = add(n.filter, sizeof(std::uint64_t));
  std::vector<std::uint64_t> all_to_the_first(config.cpus, 0);
  all_to_the_first[0] = 1;
  for (const std::uint32_t generation : {0u, 1u}) assign_shares(tables_, generation, all_to_the_first);
  tables_.control = &control_;
  tables_.on_sample = keep_sample;
  tables_.arg = this;
  control_.epoch = 1;
  reset_clocks(tables_, 0);
}

weir_native_map NativeTables::add(std::uint32_t entries, std::size_t value_size) {
  memory_.push_back(std::make_unique<std::uint64_t[]>(entries * value_size / sizeof(std::uint64_t)));
  return {memory_.back().get(), entries, static_cast<__u32>(value_size)};
}

void NativeTables::keep_sample(void* self, const weir_sample* sample) {
  static_cast<NativeTables*>(self)->samples_.push_back(*sample);
}

void NativeTables::count(const Bytes& captured, std::uint32_t wire_bytes) {
  weir_native_packet(&tables_, captured.data(), static_cast<__u32>(captured.size()), wire_bytes);
}

void NativeTables::drain(Snapshot& out) {
  const std::uint32_t quiet = control_.epoch;
  control_.epoch = next_epoch(quiet);
  const auto base_ns = static_cast<std::int64_t>(control_.base_ns);
  drain_generation(tables_, quiet, StampClock(base_ns, control_.test_now_ns - control_.base_ns), out);
  std::transform(samples_.begin(), samples_.end(), std::back_inserter(out.samples), read_sample);
  samples_.clear();
}

}  // namespace weir::test
