#pragma once

#include <array>
#include <cstdint>

#include "features/flat_index.h"
#include "features/flow_join.h"
#include "sensor/flow_snapshot.h"

namespace weir {

/// Both directions of each conversation of a window, wherever they were seen, and which conversations the last minute
/// knew. Behind a masquerading gateway the answers that left towards the inside count as well (Snapshot::answers).
class Conversations {
 public:
  /// What one direction carried.
  struct Direction {
    std::int64_t first_ns = 0;
    std::uint32_t packets = 0;
    std::uint32_t resets : 31 = 0;  // together four bytes: there may be a million of these
    bool has_data : 1 = false;

    bool is_refusal() const { return packets == resets; }  ///< resets alone: they ask for nothing
  };

  Conversations(std::uint32_t limit, std::uint64_t seed) : index_(limit, seed) {}

  void add(const FlowKey& flow, const Direction& direction);
  /// What came back; nullptr if nothing did.
  const Direction* answer_to(const FlowKey& flow) const;
  /// Whether one of the five windows before this one had it, in either direction.
  bool is_known(const FlowKey& flow) const { return was_seen(flow, false) || was_seen(flow, true); }
  /// Whether one of them had the opposite direction, and more of it than refusals: what `flow` may be an answer to.
  bool was_asked(const FlowKey& flow) const { return was_seen(flow, true); }

  /// A TCP flow of several packets with data, which no scan and no flood has, and whether anything came back.
  void count_data_flow(bool is_answered);
  /// False where only one direction passes the sensor: what went unanswered there says nothing.
  bool replies_visible() const { return data_flows_ < kFewDataFlows || deaf_flows_ < kDeafShare * data_flows_; }
  /// True where both directions are known to pass: such flows were seen, and answered.
  bool replies_proven() const { return data_flows_ >= kFewDataFlows && replies_visible(); }

  void begin_window();
  std::uint64_t lost() const { return lost_; }

 private:
  static constexpr double kFewDataFlows = 20, kDeafShare = 0.2, kFades = 0.98;  // a window
  static constexpr std::size_t kPastWindows = 5, kPastBits = std::size_t{1} << 22;

  struct Pair {
    std::array<Direction, 2> direction;  // from the lesser end, from the greater
  };
  /// A Bloom filter (Bloom 1970) with two bits a direction.
  struct Past {
    std::vector<std::uint64_t> bits;
    /// Words with bits, where they are few: to clear a megabyte each window took longer than all else in a quiet one.
    std::vector<std::uint32_t> words;

    void clear();
  };

  bool was_seen(const FlowKey& flow, bool is_opposite) const;

  FlatIndex<FlowKey, Pair> index_;
  std::array<Past, kPastWindows> past_;
  std::size_t oldest_ = 0;
  double data_flows_ = 0, deaf_flows_ = 0;
  std::uint64_t lost_ = 0;
};

}  // namespace weir
