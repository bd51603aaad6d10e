#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sensor/flow_meter.h"
#include "sensor/flow_snapshot.h"
#include "sensor/interface.h"
#include "sensor/interface_selection.h"
#include "sensor/merging.h"

namespace weir {

enum class WatchState {
  kAttached,
  kWaiting,  ///< for a device that is not there, or for a slot that is being emptied
  kRefused,  ///< meant, there, and yet not watched: packets are missed
  kLeftOut,  ///< on purpose: another interface sees its packets
};
constexpr std::size_t kWatchStates = 4;
std::string_view watch_state_name(WatchState state);

/// What became of an interface, a name or a pattern that the configuration has.
struct WatchedInterface {
  std::string name;  ///< of the device; of the entry while no device matches it
  WatchState state = WatchState::kWaiting;
  InterfaceRole role = InterfaceRole::kNone;
  bool is_required = false;   ///< named, not matched by a pattern
  bool mirror = false;        ///< its packets are dropped once counted
  int ifindex = 0;            ///< 0: no such device
  std::string mode;           ///< see Attachment; empty unless attached
  std::string reason;         ///< why no better mode, or why not attached
  std::string mirror_reason;  ///< why it is no mirror although it should be
  Departures departures = Departures::kNone;
  std::string departures_reason;                   ///< why none, or what to mind
  bool may_be_merged = false;                      ///< packets may come merged
  std::string merged_reason;                       ///< why, or what was done against it
  std::uint64_t packets = 0, bytes = 0;            ///< in flow records, under this name, both directions
  std::uint64_t sent_packets = 0, sent_bytes = 0;  ///< of these: left by the interface
  std::uint64_t merged_frames = 0;                 ///< counted as one packet, though they were several on the wire

  std::string_view hook() const { return mode == "tcx" || mode == "clsact" ? "tc" : "XDP"; }
  bool has_lower_bounds() const { return may_be_merged || merged_frames != 0; }
};

/// Keeps the data plane attached to what the options name, while devices come, go and change their names. One thread uses
/// it.
class InterfaceWatch {
 public:
  /// `meter` outlives it.
  InterfaceWatch(FlowMeter& meter, const SensorOptions& options)
      : meter_(meter), options_(options), merging_(options.gro_off) {}

  /// Attaches, once. Whatever is named must be there and take it; a pattern may match nothing. What was attached before a
  /// failure is released with this object.
  /// Links of an earlier process that fit are taken out of `kept`.
  [[nodiscard]] Result<void> start(std::vector<Kept>& kept);

  /// Goes on with other options, and lets nothing go before all that is named anew is attached. What was named before may be
  /// away. An error changes nothing. As follow(), to be called once between two flips.
  [[nodiscard]] Result<void> use(const SensorOptions& options);

  /// Moves everything that is attached to `next`, which must know the interfaces (FlowMeter::copy_interfaces), or nothing.
  [[nodiscard]] Result<void> move_to(const FlowMeter& next);
  void list_descriptors(std::vector<ToKeep>& out) const;

  /// Adds a drained generation to its interfaces' counts. To be called after each flip, before follow().
  void count(const Snapshot& tick);

  /// Takes in which devices came and went, and attaches and releases accordingly; never waits. Between two calls there must
  /// have been a flip. An error leaves everything attached as it was, for the next call to mend.
  [[nodiscard]] Result<void> follow();

  /// Attached ones first; of the others only the first kMostOthers.
  const std::vector<WatchedInterface>& interfaces() const { return interfaces_; }
  static constexpr std::size_t kMostOthers = 32;
  /// How many there are in each state, all counted.
  const std::array<std::uint64_t, kWatchStates>& state_counts() const { return state_counts_; }
  std::uint64_t resyncs() const { return monitor_ ? monitor_->resyncs() : 0; }

 private:
  /// One of WEIR_INTERFACES places of an origin.
  struct Slot {
    enum class Use { kFree, kTaken, kEmptying };
    Use use = Use::kFree;
    unsigned drains_left = 0;  // while emptying: until no record can be of its last interface
    Candidate candidate;
    Attachment attachment;
    bool mirror = false;
    std::string mirror_reason;  // why not, once it was refused: it then stays off
    std::string name;           // which its records count for
  };
  struct Refusal {
    Error error;
    bool is_waiting = false;
  };
  struct Count {
    std::uint64_t packets = 0, bytes = 0, sent_packets = 0, sent_bytes = 0, merged_frames = 0;
    void show(WatchedInterface& out) const;
  };

  [[nodiscard]] Result<void> check_names() const;
  [[nodiscard]] Result<void> check_devices(const std::vector<InterfaceOptions>& known) const;
  [[nodiscard]] Result<void> attach_all_new(const std::vector<InterfaceOptions>& known);
  [[nodiscard]] Result<void> apply();
  void keep_or_release(Slot& slot, const std::vector<Candidate>& watch);
  void release(Slot& slot);
  [[nodiscard]] Result<void> place_new();
  void attach_to(Slot& slot);
  [[nodiscard]] Result<void> follow_departures();
  void follow_merging();
  void refresh_frame_limits();
  Slot* free_slot(bool is_named);
  bool holds(const Candidate& candidate) const;
  void update_mirror(Slot& slot);
  unsigned number_of(const Slot& slot) const { return static_cast<unsigned>(&slot - slots_.data()); }
  [[nodiscard]] Result<void> name_slots();
  std::vector<InterfacePort> ports() const;
  void list_interfaces();
  void add_other(WatchedInterface interface);
  void forget_names();

  FlowMeter& meter_;
  SensorOptions options_;
  std::vector<Kept>* kept_ = nullptr;  // during start()
  std::optional<LinkMonitor> monitor_;
  std::vector<Link> links_;
  Selection selection_;
  std::array<Slot, WEIR_INTERFACES> slots_;
  std::vector<InterfacePort> named_ports_;
  Merging merging_;
  std::map<int, Refusal> refused_;       // by index
  std::map<std::string, Count> counts_;  // by name
  bool is_pending_ = false;              // something waits for a slot, or a call failed half way
  unsigned ticks_to_retry_ = 0;          // until refusals are tried again
  std::vector<WatchedInterface> interfaces_;
  std::array<std::uint64_t, kWatchStates> state_counts_{};
};

}  // namespace weir
