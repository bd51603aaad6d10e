#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "weir_abi.h"

namespace weir {

enum class Role : std::uint8_t { kSource, kDestination };
constexpr std::string_view role_name(Role role) { return role == Role::kSource ? "source" : "destination"; }

/// One direction of a conversation, as seen in one place. Equal keys are equal bytes: there is no padding.
struct FlowKey {
  IpAddress source;
  IpAddress destination;
  std::uint16_t source_port = 0;       ///< host order; 0 where the protocol has none
  std::uint16_t destination_port = 0;  ///< host order; ICMP: type << 8 | code
  std::uint16_t origin = 0;            ///< WEIR_ORIGIN_*: interface slot, VLAN, direction
  std::uint8_t protocol = 0;           ///< IP protocol number
  std::uint8_t pad = 0;

  auto operator<=>(const FlowKey&) const = default;
};
static_assert(sizeof(FlowKey) == 40);

/// Parts of a FlowKey's origin.
constexpr unsigned interface_slot(std::uint16_t origin) {
  return origin >> WEIR_ORIGIN_INTERFACE_SHIFT & (WEIR_INTERFACES - 1);
}
constexpr bool is_leaving(std::uint16_t origin) { return (origin & WEIR_ORIGIN_LEAVING) != 0; }

/// What one CPU counted of one flow in one tick.
struct FlowRecord {
  FlowKey key;
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;  ///< frames on the wire: Ethernet header in, FCS out
  std::uint64_t sum_squared_bytes = 0;
  std::uint64_t overhead_bytes = 0;  ///< bytes that are no transport payload
  double sum_squared_gaps_s2 = 0;    ///< over the gaps between this record's packets
  std::int64_t first_ns = 0;         ///< unix time
  std::int64_t last_ns = 0;
  std::array<std::uint8_t, WEIR_EVENTS> events{};  ///< see enum weir_event

  std::uint8_t tcp_flags() const { return events[WEIR_EVENT_FLAGS]; }
};

/// Packets of a host whose flows found no slot in the kernel's table.
struct OverflowHost {
  IpAddress host;
  Role role = Role::kSource;
  std::uint64_t packets = 0, bytes = 0, sum_squared_bytes = 0;
  std::uint64_t tcp_packets = 0, udp_packets = 0, icmp_packets = 0, syn_packets = 0;
  std::int64_t first_ns = 0, last_ns = 0;
};

/// The first bytes of one packet's payload.
struct PayloadSample {
  FlowKey key;
  std::uint32_t payload_bytes = 0;  ///< of the whole packet
  std::uint8_t size = 0;            ///< bytes in `head`
  std::array<std::uint8_t, WEIR_SAMPLE_BYTES> head{};
};

/// Everything counted in a stretch of time, every way to lose a packet included.
struct Totals {
  std::uint64_t seen_packets = 0, seen_bytes = 0;
  std::uint64_t flow_packets = 0, flow_bytes = 0;
  std::uint64_t flow_records = 0;
  std::uint64_t stash_packets = 0;  ///< finished by the daemon; part of flow_* or overflow_* too
  std::uint64_t overflow_packets = 0, overflow_bytes = 0;
  std::uint64_t overflow_without_host = 0;  ///< host records (two a packet) that found no slot either
  std::array<std::uint64_t, WEIR_UNDECODED_REASONS> undecoded_packets{}, undecoded_bytes{};
  std::uint64_t spill_packets = 0;  ///< seen by CPUs that had no share of the tables yet; part of flow_* or overflow_* too
  std::uint64_t saturated_events = 0;
  std::uint64_t samples_sent = 0, samples_capped = 0, samples_lost = 0;
  /// Frames by interface slot that XDP saw as one packet, though the wire carried several.
  std::array<std::uint64_t, WEIR_INTERFACES> merged_frames{};
  /// For matching only, part of no other number here. Their own law: packets = in records + overflow.
  std::uint64_t answer_packets = 0, answer_bytes = 0, answer_record_packets = 0, answer_overflow_packets = 0;

  Totals& operator+=(const Totals& other);
  std::uint64_t all_undecoded_packets() const;
  std::uint64_t all_undecoded_bytes() const;
  /// The law: seen = flows (stash included) + overflow + not decoded, in packets and in bytes; and that of the answers.
  bool is_conserved() const;
};

/// Name of an enum weir_undecoded, as metrics and API show it.
std::string_view undecoded_reason_name(std::size_t reason);

/// What one CPU counted in a tick.
struct CpuCounts {
  std::uint64_t seen_packets = 0, flow_records = 0, overflow_packets = 0;
  bool has_share = true;  ///< of the tables; else only its spill
};

struct PortCount {
  std::uint16_t port = 0;
  bool udp = false;
  std::uint64_t packets = 0;
};

/// One drain of the tables: a tick. Reused from tick to tick, so that nothing is allocated once it has its size.
struct Snapshot {
  std::int64_t start_ns = 0, end_ns = 0;  ///< unix time; the tick is [start, end)
  std::vector<FlowRecord> flows;
  std::vector<FlowRecord> answers;  ///< left by inside interfaces: to match with `flows`, never to be counted
  std::vector<OverflowHost> overflow_hosts;
  std::vector<PayloadSample> samples;
  std::vector<PortCount>
      overflow_ports;  ///< destination ports of TCP and UDP without a flow, several entries a port possible
  std::array<std::uint64_t, 256> overflow_protocols{};
  std::vector<CpuCounts> cpus;  ///< by CPU number
  Totals totals;

  void clear();
};

}  // namespace weir
