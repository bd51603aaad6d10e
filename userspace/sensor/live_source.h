#pragma once

#include <optional>
#include <vector>

#include "sensor/flow_meter.h"
#include "sensor/flow_source.h"
#include "sensor/interface_watch.h"
#include "sensor/table_share.h"

namespace weir {

/// Snapshots from the kernel. Each read_tick flips the generations and drains the one that fell quiet; the caller decides
/// when (on whole seconds of the wall clock, so that windows align). Dropping it detaches and unloads everything.
class LiveSource : public FlowSource {
 public:
  /// Loads, then attaches to every interface that is named and to those that match a pattern, or to none: what was attached
  /// before a failure is released. EOPNOTSUPP: a real-time kernel. With the maps and links of an earlier process it goes on
  /// where that one ended, and no packet is lost between.
  [[nodiscard]] static Result<std::unique_ptr<LiveSource>> start(const SensorOptions& options, std::vector<Kept> kept = {});

  /// Goes on with other options, no packet of what stays watched lost. To be called after read_tick, instead of
  /// follow_interfaces. An error changes nothing.
  [[nodiscard]] Result<void> use(const SensorOptions& options);
  /// Goes on with other tables, no packet lost: what the present ones hold comes with the next tick. An error changes
  /// nothing.
  [[nodiscard]] Result<void> replace_tables(std::uint32_t flows, std::uint32_t samples_per_second);

  /// What another process needs to go on: see start().
  std::vector<ToKeep> descriptors() const;

  /// Never false. The tick ends at the latest whole second.
  [[nodiscard]] Result<bool> read_tick(Snapshot& out) override;

  /// Attaches to interfaces that came and releases those that went. To be called after read_tick; does nothing after one
  /// that failed. An error leaves everything attached as it was.
  [[nodiscard]] Result<void> follow_interfaces();

  const InterfaceWatch& watch() const { return watch_; }
  std::uint64_t table_bytes() const { return table_bytes_; }

 private:
  LiveSource(FlowMeter meter, const SensorOptions& options);
  [[nodiscard]] Result<FlowMeter> load_tables(const SensorOptions& options) const;
  [[nodiscard]] Result<void> move_to(FlowMeter next, const SensorOptions& options);
  [[nodiscard]] Result<void> read_retired();
  void add_samples(FlowMeter& meter, std::uint32_t epoch, Snapshot& out);

  FlowMeter meter_;
  std::optional<FlowMeter> retired_;  // no program of it is attached any more, but not all was read
  int retired_generations_ = 0;       // yet to be read
  Snapshot carried_;                  // what was read of it, for the next tick
  InterfaceWatch watch_;              // after meter_: links go first
  TableShares shares_;
  SensorOptions options_;
  std::vector<weir_sample> samples_;  // of the live generation, kept for its own tick
  bool has_flipped_ = false;          // since interfaces were followed
  std::uint64_t table_bytes_;
  std::int64_t last_end_ns_;
};

}  // namespace weir
