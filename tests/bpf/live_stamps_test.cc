#include <time.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "bpf/meter_fixture.h"

namespace weir::test {
namespace {

constexpr int kPackets = 4000, kBetweenFlips = 500, kLater = 5;

std::int64_t read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * kSecond_ns + now.tv_nsec;
}

/// When a packet was sent, by the clocks of user space.
struct Sent {
  std::int64_t coarse_before_ns = 0, coarse_after_ns = 0, precise_after_ns = 0;
  std::uint16_t flow = 0;
  std::int64_t stamp_ns = 0;  ///< what the kernel gave it
};

/// The real clocks. Each packet is a flow's first or, some packets later, its last, so that both stamps can be read.
class LiveStamps : public MeterTest {
 protected:
  void send_next() {
    const auto number = static_cast<std::uint16_t>(sent_.size() / 2);
    const auto flow = static_cast<std::uint16_t>(sent_.size() % 2 == 0 ? kLater + number : number);
    Sent s;
    s.flow = flow;
    s.coarse_before_ns = read_clock(CLOCK_MONOTONIC_COARSE);
    send(PacketBuilder().ip4().udp(flow, 9).build());
    s.coarse_after_ns = read_clock(CLOCK_MONOTONIC_COARSE);
    s.precise_after_ns = read_clock(CLOCK_MONOTONIC);
    sent_.push_back(s);
  }

  /// Puts the stamps of a generation to the packets that it was sent since the last flip.
  void take_stamps() {
    Snapshot tick;
    const auto quiet = meter().flip();
    ASSERT_TRUE(quiet) << quiet.error().what;
    const auto base_ns = static_cast<std::int64_t>(meter().control().base_ns);
    const StampClock clock(base_ns, static_cast<std::uint64_t>(read_clock(CLOCK_MONOTONIC) - base_ns));
    drain_generation(meter().tables(), *quiet, clock, tick);
    std::map<std::uint16_t, const FlowRecord*> records;
    for (const FlowRecord& record : tick.flows) records[record.key.source_port] = &record;
    std::map<std::uint16_t, int> seen;
    for (; taken_ < sent_.size(); ++taken_) {
      const auto record = records.find(sent_[taken_].flow);
      ASSERT_NE(record, records.end());
      sent_[taken_].stamp_ns = seen[sent_[taken_].flow]++ == 0 ? record->second->first_ns : record->second->last_ns;
    }
    for (const auto& [flow, record] : records) {
      ASSERT_EQ(record->packets, static_cast<std::uint64_t>(seen[flow]));
      expect_gaps_fit(*record);
    }
  }

  /// With two packets there is one gap: last minus first.
  void expect_gaps_fit(const FlowRecord& record) {
    const double between_s = static_cast<double>(record.last_ns - record.first_ns) / 1e9;
    EXPECT_DOUBLE_EQ(record.sum_squared_gaps_s2, between_s * between_s);
    gaps_ += between_s > 0;
  }

  /// When user space saw that the coarse clock had left the value that it had behind packet i. A busy or virtual machine
  /// makes some of its steps late, so its resolution is no bound.
  std::int64_t coarse_clock_moved_ns(std::size_t i) const {
    const auto moved = std::find_if(sent_.begin() + static_cast<std::ptrdiff_t>(i), sent_.end(),
                                    [&](const Sent& s) { return s.coarse_after_ns > sent_[i].coarse_after_ns; });
    return moved == sent_.end() ? sent_.back().precise_after_ns : moved->precise_after_ns;
  }

  static std::int64_t step_ns() {
    timespec step{};
    clock_getres(CLOCK_MONOTONIC_COARSE, &step);
    return step.tv_sec * kSecond_ns + step.tv_nsec;
  }

  /// How far behind the precise clock the coarse one is when it moves: a part of a step that differs from boot to boot, for
  /// it moves at the timer's interrupt but only to the last whole step. Waking late adds to it, so the least counts.
  static std::int64_t lag_ns() {
    std::int64_t least = kSecond_ns;
    for (int i = 0; i < 20; ++i) {
      const std::int64_t before = read_clock(CLOCK_MONOTONIC_COARSE);
      std::int64_t now = before;
      while (now == before) now = read_clock(CLOCK_MONOTONIC_COARSE);
      least = std::min(least, read_clock(CLOCK_MONOTONIC) - now);
    }
    return least;
  }

  std::vector<Sent> sent_;
  std::size_t taken_ = 0;
  int gaps_ = 0;
};

TEST_F(LiveStamps, LieBetweenTheCoarseClockAtArrivalAndItsNextStepAndNeverRunBackwards) {
  load(size_tables(65536), 0, ClockSource::kKernel);
  std::mt19937 random(7);
  for (int i = 1; i <= kPackets; ++i) {
    send_next();
    if (i % kBetweenFlips == 0) {
      ASSERT_NO_FATAL_FAILURE(take_stamps());
    }
    if (random() % 4 == 0) std::this_thread::sleep_for(std::chrono::microseconds(random() % 6000));
  }
  const std::int64_t reach_ns = lag_ns() + step_ns();
  int within_a_step = 0;
  for (std::size_t i = 0; i < sent_.size(); ++i) {
    const Sent& s = sent_[i];
    ASSERT_GT(s.stamp_ns, s.coarse_before_ns - kStamp_ns) << i;
    ASSERT_LE(s.stamp_ns, coarse_clock_moved_ns(i)) << i;
    ASSERT_GE(s.stamp_ns, i > 0 ? sent_[i - 1].stamp_ns : 0) << i;
    within_a_step += s.stamp_ns <= s.coarse_after_ns + reach_ns;
  }
  EXPECT_GT(within_a_step, kPackets / 2);
  EXPECT_GT(gaps_, kPackets / 10) << "the packets were not apart";
  std::cout << within_a_step << " of " << kPackets << " within a step, " << reach_ns << " ns, of the coarse clock\n";
}

}  // namespace
}  // namespace weir::test
