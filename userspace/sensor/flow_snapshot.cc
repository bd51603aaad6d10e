#include "sensor/flow_snapshot.h"

#include <numeric>

namespace weir {

Totals& Totals::operator+=(const Totals& other) {
  seen_packets += other.seen_packets;
  seen_bytes += other.seen_bytes;
  flow_packets += other.flow_packets;
  flow_bytes += other.flow_bytes;
  flow_records += other.flow_records;
  stash_packets += other.stash_packets;
  overflow_packets += other.overflow_packets;
  overflow_bytes += other.overflow_bytes;
  overflow_without_host += other.overflow_without_host;
  for (std::size_t i = 0; i < undecoded_packets.size(); ++i) {
    undecoded_packets[i] += other.undecoded_packets[i];
    undecoded_bytes[i] += other.undecoded_bytes[i];
  }
  spill_packets += other.spill_packets;
  saturated_events += other.saturated_events;
  samples_sent += other.samples_sent;
  samples_capped += other.samples_capped;
  samples_lost += other.samples_lost;
  for (std::size_t i = 0; i < merged_frames.size(); ++i) merged_frames[i] += other.merged_frames[i];
  answer_packets += other.answer_packets;
  answer_bytes += other.answer_bytes;
  answer_record_packets += other.answer_record_packets;
  answer_overflow_packets += other.answer_overflow_packets;
  return *this;
}

std::uint64_t Totals::all_undecoded_packets() const {
  return std::accumulate(undecoded_packets.begin(), undecoded_packets.end(), std::uint64_t{0});
}

std::uint64_t Totals::all_undecoded_bytes() const {
  return std::accumulate(undecoded_bytes.begin(), undecoded_bytes.end(), std::uint64_t{0});
}

bool Totals::is_conserved() const {
  return seen_packets == flow_packets + overflow_packets + all_undecoded_packets() &&
         seen_bytes == flow_bytes + overflow_bytes + all_undecoded_bytes() &&
         answer_packets == answer_record_packets + answer_overflow_packets;
}

std::string_view undecoded_reason_name(std::size_t reason) {
  static constexpr std::array<std::string_view, WEIR_UNDECODED_REASONS> kNames = {
      "decoded", "short_l2",     "ethertype", "short_l3",   "bad_l3", "short_l4",    "extension_chain", "no_state",
      "arp",     "link_control", "llc",       "vlan_stack", "mpls",   "label_stack", "pppoe",           "bad_inner"};
  return kNames.at(reason);
}

void Snapshot::clear() {
  start_ns = end_ns = 0;
  flows.clear();
  answers.clear();
  overflow_hosts.clear();
  samples.clear();
  overflow_ports.clear();
  overflow_protocols.fill(0);
  cpus.clear();
  totals = {};
}

}  // namespace weir
