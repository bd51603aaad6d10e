#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sensor/flow_meter.h"
#include "sensor/table_reader.h"
#include "sensor/table_size.h"
#include "support/packet_builder.h"

namespace weir::test {

constexpr std::int64_t kMillisecond_ns = 1'000'000, kSecond_ns = 1'000'000'000, kMinute_ns = 60 * kSecond_ns;
/// One unit of a stamp.
constexpr std::int64_t kStamp_ns = 1 << WEIR_TIME_SHIFT;

inline const std::vector<Tunnel> kAllTunnels = {Tunnel::kVxlan, Tunnel::kGre, Tunnel::kIpInIp, Tunnel::kMpls,
                                                Tunnel::kPppoe};

/// The product's programs in the kernel, never attached, run packet by packet under a scripted clock. Stamps begin at 0.
class MeterTest : public testing::Test {
 protected:
  static constexpr TableSize kSmall{.sets4 = 64, .sets6 = 64, .host_sets = 16, .filter_words = 64};

  void SetUp() override;

  enum class ClockSource { kTest, kKernel };
  void load(const TableSize& size = kSmall, std::uint32_t samples_per_second = 0, ClockSource clock = ClockSource::kTest);
  /// What both clocks say from now on. The coarse one must not be ahead.
  void set_time(std::int64_t now_ns, std::int64_t coarse_ns);
  void set_time(std::int64_t now_ns) { set_time(now_ns, now_ns); }
  /// Runs the frame `times` times; every verdict must be XDP_PASS. `ifindex` 0: as the kernel has it.
  void send(const Bytes& frame, int times = 1, int ifindex = 0);
  /// The same, returning the last verdict.
  std::uint32_t verdict(const Bytes& frame, int times = 1, int ifindex = 0);
  /// Flips, reads the generation that fell quiet, and expects the law to hold in it.
  Snapshot drain();
  /// Sends one frame alone and returns its flow.
  FlowRecord flow_of(const Bytes& frame);

  FlowMeter& meter() { return *meter_; }
  std::uint32_t last_epoch() const { return last_epoch_; }
  /// The one that the next load() loads, "" for all: the verifier takes longer than most tests. send() runs "weir_plain" if
  /// that is the one, else "weir_frags".
  void choose_program(const char* name) { program_ = name; }
  /// What the next load() opens.
  void choose_tunnels(std::vector<Tunnel> tunnels) { tunnels_ = std::move(tunnels); }

 private:
  std::optional<FlowMeter> meter_;
  std::string program_ = "weir_frags";
  std::vector<Tunnel> tunnels_ = SensorOptions{}.decapsulate;
  std::uint32_t last_epoch_ = 0;
};

/// What a flow's packets carried behind their transport headers.
inline std::uint64_t payload_bytes(const FlowRecord& flow) { return flow.bytes - flow.overhead_bytes; }

}  // namespace weir::test
