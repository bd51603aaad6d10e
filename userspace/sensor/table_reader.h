#pragma once

#include <cstdint>
#include <vector>

#include "sensor/flow_snapshot.h"
#include "sensor/native_meter.h"
#include "sensor/sensor_options.h"

namespace weir {

/// Turns 32-bit stamps (1,024 ns units since a base, modulo 73 minutes) into unix time: a stamp belongs to the 36 minutes
/// around the flip that made its generation quiet.
class StampClock {
 public:
  /// `base_unix_ns`: unix time of stamp 0. `flip_after_base_ns`: when the flip was, since the base.
  StampClock(std::int64_t base_unix_ns, std::uint64_t flip_after_base_ns)
      : base_unix_ns_(base_unix_ns), flip_(flip_after_base_ns >> WEIR_TIME_SHIFT) {}

  std::int64_t unix_ns(std::uint32_t stamp) const {
    const auto distance = static_cast<std::int32_t>(stamp - static_cast<std::uint32_t>(flip_));
    return base_unix_ns_ + ((static_cast<std::int64_t>(flip_) + distance) << WEIR_TIME_SHIFT);
  }
  std::uint32_t flip_stamp() const { return static_cast<std::uint32_t>(flip_); }

 private:
  std::int64_t base_unix_ns_;
  std::uint64_t flip_;
};

/// The epoch after `epoch`: never 0, and of the other parity also across the wrap.
constexpr std::uint32_t next_epoch(std::uint32_t epoch) { return epoch >= WEIR_EPOCH_MASK ? 2 : epoch + 1; }

/// Reads and empties the generation of `epoch`, which must be quiet, on all CPUs; adds to `out`. Finishes stashes.
void drain_generation(weir_tables& tables, std::uint32_t epoch, const StampClock& clock, Snapshot& out);

/// Sets the clocks of every region's state to `stamp` and fills its credit for samples: at the start, and after a silence so
/// long that old stamps would lie in the future.
void reset_clocks(weir_tables& tables, std::uint32_t stamp);

/// A sample as the kernel or the native meter sends it.
PayloadSample read_sample(const weir_sample& sample);

/// Configuration words that follow from table sizes and from what else the data plane is asked; the hash key is drawn anew.
weir_config make_config(const struct TableSize& size, std::uint32_t cpus, std::uint32_t samples_per_second,
                        const std::vector<Tunnel>& decapsulate = SensorOptions{}.decapsulate);

}  // namespace weir
