#pragma once

#include <cstdint>
#include <vector>

#include "features/flat_index.h"
#include "sensor/flow_snapshot.h"

namespace weir {

/// One flow over a whole window, joined from the records of its ticks and CPUs.
struct JoinedFlow {
  std::uint64_t packets = 0, bytes = 0, sum_squared_bytes = 0, overhead_bytes = 0;
  std::uint64_t syn_packets = 0;
  double sum_squared_gaps_s2 = 0;
  std::int64_t first_ns = 0, last_ns = 0;
  std::uint32_t source_place = ~std::uint32_t{0};          ///< of its source in the host table; all ones: it has none
  std::uint32_t synacks = 0, resets = 0, odd_packets = 0;  ///< lower bounds past 255 in a tick, see enum weir_event
  std::uint8_t tcp_flags = 0;

  /// SYN packets, unless the sender was accepted.
  std::uint64_t half_open_syn() const;
  /// A TCP flow that tried a port and was never accepted: no ACK from its sender, and more than a bare refusal (RST).
  bool is_probe() const;
};

/// Joins flow records across ticks and CPUs. Records of two CPUs that overlap in time add no gap between them: their
/// packets' order is unknown.
class FlowJoin {
 public:
  using Index = FlatIndex<FlowKey, JoinedFlow>;

  FlowJoin(std::uint32_t limit, std::uint64_t seed) : index_(limit, seed) {}

  struct Joined {
    JoinedFlow* flow;                ///< that the record went into; nullptr if there was no room
    std::uint64_t half_open_before;  ///< its half-open SYN packets until then: an ACK clears them
  };
  /// `hash`: index().hash_of(record.key).
  Joined join(const FlowRecord& record, Index::Hash hash);

  const Index& index() const { return index_; }
  void clear() { index_.clear(); }

 private:
  Index index_;
};

/// SYN packets (without ACK) of a record.
std::uint64_t syn_packets_of(const FlowRecord& record);

/// A record by itself as a flow.
JoinedFlow flow_of(const FlowRecord& record);

}  // namespace weir
