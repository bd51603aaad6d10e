#pragma once

#include <bitset>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "features/beacons.h"
#include "features/conversations.h"
#include "features/distinct_ports.h"
#include "features/flow_join.h"
#include "features/half_open.h"
#include "features/host_table.h"
#include "features/host_window.h"
#include "features/large_table.h"
#include "features/signs.h"
#include "features/window_math.h"
#include "features/window_options.h"
#include "sensor/flow_source.h"

namespace weir {

/// Ways in which a window may know less than the packets told; all 0 in ordinary times.
struct WindowLosses {
  std::uint64_t untracked_packets = 0;  ///< of hosts without room, in either role
  std::uint64_t unjoined_records = 0;   ///< flow records that found no room: each counts as a flow of its own
  std::uint64_t unheard_samples = 0;    ///< payload heads of hosts without room for a byte histogram
  std::uint64_t lost_signs = 0;         ///< facts for rules, and halves of conversations, that found no room
};

/// Aggregates ticks into windows of 10 s per host, as source and as destination. Windows are aligned to multiples of 10 s of
/// the ticks' own time; a tick of another window, earlier or later, closes the open one.
class WindowKeeper {
 public:
  using OnClose = std::function<void(ClosedWindow&)>;

  explicit WindowKeeper(WindowOptions options);

  /// Goes on with other options from the next window. With room for another number of flows, what is remembered from one
  /// window to the next (conversations, signs of the last minute, beacons) starts anew.
  void use(WindowOptions options);

  /// Adds a tick. Calls `on_close` for the window before, if this tick ends it by its start, and for this one, if the tick
  /// reaches its end. The window may be moved from.
  void add(const Snapshot& tick, const OnClose& on_close);
  /// The traffic has ended: closes what is open.
  void finish(const OnClose& on_close);

  /// Hosts of the open window so far, without features; for rules that do not wait for its end.
  const std::vector<HostWindow>& open_hosts() const { return hosts_.hosts(); }
  std::int64_t open_start_ns() const { return start_ns_; }
  const WindowLosses& losses() const { return losses_; }

 private:
  /// What a host place needs until the window closes.
  struct alignas(64) Scratch {
    FlowFigures figures;
    std::uint64_t tick_packets = 0;
    std::uint32_t histogram = 0;  // number + 1; 0 = none
  };

  struct RecordHashes {
    FlowJoin::Index::Hash flow;
    HostTable::Hash source, destination;
  };

  std::uint32_t place_of(const IpAddress& host, Role role, HostTable::Hash hash);
  void add_records(std::span<const FlowRecord> few);
  RecordHashes prefetch_places(const FlowRecord& record) const;
  void prefetch_entries(const RecordHashes& hashes) const;
  void add_record(const FlowRecord& record, const RecordHashes& hashes);
  /// Returns the host's place.
  std::uint32_t add_to_role(Role role, const FlowRecord& record, HostTable::Hash hash, const JoinedFlow& flow,
                            std::uint64_t half_open_before);
  void add_to_host(std::uint32_t place, const FlowRecord& record);
  void add_evidence(std::uint32_t place, const FlowRecord& record, const JoinedFlow& flow, std::uint64_t half_open_before);
  void add_flow(const FlowKey& key, const JoinedFlow& flow);
  void add_overflow(const OverflowHost& overflow);
  void add_sample(const PayloadSample& sample);
  void end_tick();
  void read_signs();
  void read_beacon(const FlowKey& key, const JoinedFlow& flow);
  void read_service(const FlowKey& key, const JoinedFlow& flow);
  void read_held(const FlowKey& key, const JoinedFlow& flow);
  void finish_hosts();
  void close(const OnClose& on_close);
  void take_options();

  WindowOptions options_;
  std::optional<WindowOptions> next_options_;
  std::bitset<65536> common_ports_;
  HostTable hosts_;
  FlowJoin flows_;
  HalfOpen half_open_;
  LargeTable<Scratch> scratch_;  // by host place
  std::vector<ByteHistogram> histograms_;
  DistinctPorts ports_;
  Conversations conversations_;
  Signs signs_;
  Beacons beacons_;
  WindowLosses losses_;
  std::uint64_t earlier_lost_signs_ = 0;  // before room was changed
  ClosedWindow closed_;                   // kept for its memory
  bool is_open_ = false;
  std::int64_t start_ns_ = 0, last_tick_end_ns_ = 0;
  std::int64_t seen_until_ns_ = 0;  // of the window: to its end, unless the traffic ends
};

/// Runs a source to its end through windows.
[[nodiscard]] Result<void> observe(FlowSource& source, WindowKeeper& keeper, const WindowKeeper::OnClose& on_close);

}  // namespace weir
