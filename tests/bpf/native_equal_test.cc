#include <tuple>

#include "bpf/meter_fixture.h"
#include "support/native_tables.h"
#include "support/random_frames.h"

namespace weir::test {
namespace {

constexpr std::int64_t kTick_ns = 4096 * kStamp_ns;

auto fields(const FlowRecord& f) {
  return std::tie(f.key, f.packets, f.bytes, f.sum_squared_bytes, f.overhead_bytes, f.sum_squared_gaps_s2, f.first_ns,
                  f.last_ns, f.events);
}
auto fields(const OverflowHost& h) {
  return std::tie(h.host, h.role, h.packets, h.bytes, h.sum_squared_bytes, h.tcp_packets, h.udp_packets, h.icmp_packets,
                  h.syn_packets, h.first_ns, h.last_ns);
}
auto fields(const PayloadSample& s) { return std::tie(s.key, s.payload_bytes, s.size, s.head); }
auto fields(const PortCount& p) { return std::tie(p.port, p.udp, p.packets); }
auto fields(const Totals& t) {
  return std::tie(t.seen_packets, t.seen_bytes, t.flow_packets, t.flow_bytes, t.flow_records, t.stash_packets,
                  t.overflow_packets, t.overflow_bytes, t.overflow_without_host, t.undecoded_packets, t.undecoded_bytes,
                  t.saturated_events, t.samples_sent, t.samples_capped, t.samples_lost);
}

template <class T>
void expect_same(const std::vector<T>& kernel, const std::vector<T>& host, const char* what) {
  ASSERT_EQ(kernel.size(), host.size()) << what;  // same hash key, same slots, hence the same order
  for (std::size_t i = 0; i < kernel.size(); ++i) ASSERT_TRUE(fields(kernel[i]) == fields(host[i])) << what << " " << i;
}

class NativeBuild : public MeterTest {
 protected:
  /// Sends the same packets under the same clock through both and compares what each generation holds.
  void compare(const TableSize& size, int packets, int generations) {
    load(size, 2000);
    NativeTables native(meter().tables().config);
    RandomFrames frames(20240607);
    std::int64_t now = 0;
    for (int generation = 0; generation < generations; ++generation) {
      for (int i = 0; i < packets / generations; ++i) {
        now += frames.pick(60) == 0 ? kTick_ns : static_cast<std::int64_t>(frames.pick(40)) * kStamp_ns;
        set_time(now, now / kTick_ns * kTick_ns);
        native.control().test_now_ns = meter().control().test_now_ns;
        native.control().test_coarse_ns = meter().control().test_coarse_ns;
        const Bytes frame = frames.next();
        send(frame);
        native.count(frame);
      }
      if (HasFatalFailure()) return;
      compare_generation(native);
    }
  }

 private:
  void compare_generation(NativeTables& native) {
    const Snapshot kernel = drain();
    Snapshot host;
    native.drain(host);
    EXPECT_GT(kernel.totals.seen_packets, 0u);
    expect_same(kernel.flows, host.flows, "flow");
    expect_same(kernel.overflow_hosts, host.overflow_hosts, "overflow host");
    expect_same(kernel.samples, host.samples, "sample");
    expect_same(kernel.overflow_ports, host.overflow_ports, "port");
    EXPECT_EQ(kernel.overflow_protocols, host.overflow_protocols);
    EXPECT_TRUE(fields(kernel.totals) == fields(host.totals));
  }
};

TEST_F(NativeBuild, CountsWhatTheKernelCounts) {
  compare({.sets4 = 1024, .sets6 = 1024, .host_sets = 64, .filter_words = 1024}, 150'000, 30);
}

TEST_F(NativeBuild, OpensTunnelsAsTheKernelDoes) {
  choose_tunnels(kAllTunnels);
  compare({.sets4 = 1024, .sets6 = 1024, .host_sets = 64, .filter_words = 1024}, 100'000, 20);
}

TEST_F(NativeBuild, OverflowsAsTheKernelDoes) {
  compare({.sets4 = 4, .sets6 = 2, .host_sets = 4, .filter_words = 16}, 60'000, 12);
}

TEST_F(NativeBuild, AgreesWithTheProgramForSingleBuffers) {
  choose_program("weir_plain");
  compare({.sets4 = 256, .sets6 = 128, .host_sets = 16, .filter_words = 64}, 30'000, 6);
}

}  // namespace
}  // namespace weir::test
