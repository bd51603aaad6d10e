#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "support/reference_parser.h"

namespace weir::test {

/// A plain account of one generation, to hold the data plane's against: every packet of every flow is kept.
class ReferenceFlows {
 public:
  /// `at`: the precise clock in stamps, `coarse` the coarse one. The same at each packet means exact stamps.
  struct Clocks {
    std::uint32_t at, coarse;
  };
  void count(std::span<const std::uint8_t> captured, std::uint32_t wire_bytes, const std::vector<Tunnel>& opened,
             Clocks clocks);

  /// What the drained generation says otherwise, "" if nothing. Whether a flow found a slot is for the tables to say; then
  /// all of it must be there, else all of it must be among what overflowed. `end`: the precise clock at the flip;
  /// `is_exact`: both clocks were the same throughout.
  std::string differences(const Snapshot& drained, std::uint32_t end, bool is_exact) const;

 private:
  struct Packet {
    std::uint32_t bytes, payload;
    std::uint8_t tcp_flags;
    std::array<bool, WEIR_EVENTS> events;
    std::uint32_t coarse;
  };
  using Flow = std::vector<Packet>;
  using Sample = std::tuple<FlowKey, std::uint32_t, std::vector<std::uint8_t>>;

  struct Differences;

  static FlowRecord sum_of(const FlowKey& key, const Flow& flow, std::uint64_t& saturated);
  /// What flows that have no record should have left for each host.
  std::map<std::pair<IpAddress, Role>, OverflowHost> hosts_without(const std::set<FlowKey>& recorded) const;
  void check_record(const FlowRecord& got, std::uint32_t end, bool is_exact, Differences& out) const;
  void check_overflow(const Snapshot& drained, const std::set<FlowKey>& recorded, Differences& out) const;
  void check_hosts(const Snapshot& drained, const std::set<FlowKey>& recorded, Differences& out) const;
  void check_samples(const Snapshot& drained, Differences& out) const;

  std::map<FlowKey, Flow> flows_;
  std::set<Sample> possible_samples_;
  std::uint64_t packets_ = 0, bytes_ = 0;
  std::array<std::uint64_t, WEIR_UNDECODED_REASONS> undecoded_packets_{}, undecoded_bytes_{};
};

}  // namespace weir::test
