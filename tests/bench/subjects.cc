#include "bench/subjects.h"

#include <algorithm>
#include <stdexcept>

#include "bench/bench_abi.h"
#include "sensor/table_reader.h"

namespace weir::test {
namespace {

constexpr std::uint32_t kLeastFlows = 131'072;

}  // namespace

// The conventional design has as many slots as the product. Half as many of those are for IPv6: the same load in both tables
// makes the cases comparable.
Subjects::Subjects(const Case& what)
    : case_(what),
      wrapper_(what.is_v6),
      conventional_(what.is_v6, 2 * std::max(kLeastFlows, what.flows)),
      meter_(load_meter(std::max(kLeastFlows, what.is_v6 ? 2 * what.flows : what.flows))) {
  wrapper_.knobs().flow_mask = what.flows - 1;
  wrapper_.knobs().every_new = what.every_packet_new;
}

int Subjects::program_of(Kind kind) const {
  if (kind == kConventional || kind == kConventionalFull) return conventional_.program();
  if (kind == kWeir) return meter_.frags_program();
  return wrapper_.empty();
}

void Subjects::empty_tables() {
  Snapshot ignored;
  const auto quiet = meter_.flip();
  if (!quiet) throw std::runtime_error(quiet.error().what);
  drain_generation(meter_.tables(), *quiet, StampClock(0, 0), ignored);
  if (!ignored.totals.is_conserved()) throw std::runtime_error("packets were lost");
}

void Subjects::warm_up() {
  for (const Kind kind : {kEmptyDirect, kEmpty, kConventional, kWeir})
    measure(kind, case_.every_packet_new || kind < kConventional ? 50'000 : static_cast<int>(50'000 + 6 * case_.flows));
}

/// With every packet new, a try meets tables as they are after each tick.
void Subjects::prepare(Kind kind) {
  if (!case_.every_packet_new) return;
  if (kind == kWeir) empty_tables();
  if (kind == kConventional) conventional_.empty_maps();
  if (kind == kConventionalFull) wrapper_.run(program_of(kind), static_cast<int>(3 * kLeastFlows));
}

double Subjects::measure(Kind kind, int packets) {
  prepare(kind);
  return kind == kEmptyDirect ? wrapper_.run_empty_directly(packets) : wrapper_.run(program_of(kind), packets);
}

}  // namespace weir::test
