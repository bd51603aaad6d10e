#pragma once

#include <memory>
#include <vector>

#include "sensor/flow_source.h"
#include "sensor/native_meter.h"
#include "sensor/packet_source.h"
#include "sensor/sensor_options.h"

namespace weir {

/// Snapshots from packets that carry their own time: the kernel's data plane, compiled for the host, needs no privilege.
/// Ticks are whole seconds of packet time; seconds without a packet are left out. A packet that is older than the tick
/// under way counts in it.
class ReplaySource : public FlowSource {
 public:
  explicit ReplaySource(std::unique_ptr<PacketSource> packets, const SensorOptions& options = {});
  ~ReplaySource() override;
  ReplaySource(const ReplaySource&) = delete;
  ReplaySource& operator=(const ReplaySource&) = delete;

  /// After an error of the packet source, what was read before it comes first; then the error; then false.
  [[nodiscard]] Result<bool> read_tick(Snapshot& out) override;

 private:
  struct Memory;
  static void keep_sample(void* self, const weir_sample* sample);
  void start(std::int64_t time_ns);
  void count(const Packet& packet);
  void drain(std::int64_t end_ns, Snapshot& out);

  std::unique_ptr<PacketSource> packets_;
  std::unique_ptr<Memory> memory_;
  weir_control control_{};
  weir_tables tables_{};
  std::vector<weir_sample> samples_;
  Packet next_;  // read, but of a later tick
  bool has_next_ = false;
  bool finished_ = false;
  tl::expected<void, Error> failed_;
  std::int64_t base_ns_ = 0, tick_ns_ = 0, newest_ns_ = 0;
};

}  // namespace weir
