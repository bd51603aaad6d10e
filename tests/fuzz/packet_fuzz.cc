#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "sensor/table_size.h"
#include "support/native_tables.h"

namespace {

using weir::test::Bytes;

/// Small tables, so that overflow is ordinary; one generation an input.
weir::test::NativeTables& tables() {
  static weir::test::NativeTables tables(
      weir::make_config({.sets4 = 4, .sets6 = 4, .host_sets = 2, .filter_words = 4}, 1, 2000));
  return tables;
}

void expect(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

/// Any bytes are frames that are counted somewhere: nothing is read beyond their end, nothing is lost. Each frame is
/// preceded by its captured length, by what the wire had beyond it, and by the time since the one before.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::uint64_t packets = 0, bytes = 0;
  while (size >= 4) {
    const std::size_t length = std::min<std::size_t>(data[0] | (data[1] & 7u) << 8, size - 4);
    const auto wire = static_cast<std::uint32_t>(length + std::size_t{16} * data[2]);
    tables().control().test_now_ns += std::uint64_t{data[3]} << 18;
    tables().control().test_coarse_ns = tables().control().test_now_ns >> 22 << 22;
    tables().count(Bytes(data + 4, data + 4 + length), wire);  // a copy of exactly its size, for the sanitizer
    ++packets;
    bytes += wire;
    data += 4 + length;
    size -= 4 + length;
  }
  weir::Snapshot snapshot;
  tables().drain(snapshot);
  expect(snapshot.totals.seen_packets == packets && snapshot.totals.seen_bytes == bytes);
  expect(snapshot.totals.is_conserved());
  for (const weir::FlowRecord& flow : snapshot.flows)
    expect(flow.packets > 0 && flow.first_ns <= flow.last_ns && flow.overhead_bytes <= flow.bytes);
  return 0;
}
