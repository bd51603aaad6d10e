#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "detect/detector.h"
#include "features/window_keeper.h"
#include "publish/host_ledger.h"
#include "support/flow_records.h"
#ifdef __SANITIZE_ADDRESS__
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();  // allocator_interface.h, which g++ comes without
#endif

namespace weir {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kSourcesOfATick = 100'000;
constexpr std::uint32_t kDivisor = 10;  // what runs ten times as slowly gets a tenth of the work, and of the room

/// Freed memory stays resident here, in quarantine.
std::size_t memory_in_use() { return __sanitizer_get_current_allocated_bytes(); }
#else
constexpr std::size_t kSourcesOfATick = 1'000'000;
constexpr std::uint32_t kDivisor = 1;

std::size_t memory_in_use() {
  std::size_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}
#endif

constexpr std::size_t kMiB = std::size_t{1} << 20;

/// All that the daemon keeps from tick to tick, apart from the kernel's tables and the tick itself.
class DaemonState {
 public:
  void feed(const Snapshot& tick) {
    keeper_.add(tick, [this](ClosedWindow& window) { ledger_.add(window, detector_.judge(window).verdicts); });
    detector_.judge_tick(keeper_.open_hosts(), tick.end_ns);
  }
  const WindowLosses& losses() const { return keeper_.losses(); }
  std::size_t hosts_remembered() const { return ledger_.size(); }
  const WindowOptions& options() const { return options_; }

 private:
  static WindowOptions make_options() {
    WindowOptions options;
    options.hosts /= kDivisor;
    options.flows /= kDivisor;
    return options;
  }

  WindowOptions options_ = make_options();
  WindowKeeper keeper_{options_};
  Detector detector_{DetectOptions(), nullptr};
  HostLedger ledger_{options_.hosts};
};

class BoundedMemory : public ::testing::Test {
 protected:
  BoundedMemory() : tick_(test::tick(0, std::vector<FlowRecord>(kSourcesOfATick, test::udp("1.2.3.4", "10.0.0.1", 53)))) {}

  /// Sources that were never seen before, as a flood with forged addresses brings them.
  const Snapshot& next_tick(int second) {
    tick_.start_ns = test::kStart + second * test::kSecond;
    tick_.end_ns = tick_.start_ns + test::kSecond;
    for (FlowRecord& record : tick_.flows) record.key.source = IpAddress::v4(static_cast<std::uint32_t>(random_()));
    return tick_;
  }

  Snapshot tick_;
  std::mt19937 random_{1};
};

TEST_F(BoundedMemory, StaysWhereTheFirstFloodOfRandomSourcesPutIt) {
  const std::size_t empty = memory_in_use();
  DaemonState daemon;
  const auto flood_window = [&](int window) {
    for (const int second : {0, 9}) daemon.feed(next_tick(window * 10 + second));
  };
  flood_window(0);
  flood_window(1);  // the closed window's memory is used again by the one after the next
  const std::size_t after_first = memory_in_use();
  for (int window = 2; window < 5; ++window) flood_window(window);

  std::printf("%zu %zu %zu\n", empty / kMiB, after_first / kMiB, memory_in_use() / kMiB);
  EXPECT_LE(memory_in_use(), after_first + 8 * kMiB);
  const WindowOptions& room = daemon.options();
  EXPECT_LE(memory_in_use() - empty, std::size_t{room.hosts} * 3072 + std::size_t{room.flows} * 256 + 8 * kMiB);
  EXPECT_LE(daemon.hosts_remembered(), room.hosts);
  EXPECT_GT(daemon.losses().untracked_packets, 5 * kSourcesOfATick) << "there was room: it was no flood";
}

}  // namespace
}  // namespace weir
