#include "bpf/meter_fixture.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "support/private_network.h"

namespace weir::test {

void MeterTest::SetUp() {
  if (!is_root()) GTEST_SKIP() << "needs root: it loads BPF programs";
  pin_to_cpu(0);
  load();
}

void MeterTest::load(const TableSize& size, std::uint32_t samples_per_second, ClockSource clock) {
  const auto cpus = FlowMeter::possible_cpus();
  ASSERT_TRUE(cpus) << cpus.error().what;
  std::vector<std::uint64_t> all_to_this_cpu(*cpus, 0);
  all_to_this_cpu[0] = 1;
  auto loaded = FlowMeter::load({.size = size,
                                 .samples_per_second = samples_per_second,
                                 .decapsulate = tunnels_,
                                 .table_weights = std::move(all_to_this_cpu),
                                 .test_clock = clock == ClockSource::kTest,
                                 .only_program = program_});
  ASSERT_TRUE(loaded) << loaded.error().what;
  meter_ = std::move(*loaded);
  if (clock == ClockSource::kKernel) return;
  meter_->control().base_ns = 0;
  set_time(kSecond_ns);
}

void MeterTest::set_time(std::int64_t now_ns, std::int64_t coarse_ns) {
  meter_->control().test_now_ns = static_cast<__u64>(now_ns);
  meter_->control().test_coarse_ns = static_cast<__u64>(coarse_ns);
}

void MeterTest::send(const Bytes& frame, int times, int ifindex) {
  ASSERT_EQ(verdict(frame, times, ifindex), static_cast<std::uint32_t>(XDP_PASS));
}

std::uint32_t MeterTest::verdict(const Bytes& frame, int times, int ifindex) {
  xdp_md context{};
  context.data_end = static_cast<__u32>(frame.size());
  context.ingress_ifindex = static_cast<__u32>(ifindex);
  bpf_test_run_opts run{};
  run.sz = sizeof run;
  run.data_in = frame.data();
  run.data_size_in = static_cast<__u32>(frame.size());
  run.repeat = times;
  if (ifindex != 0) {
    run.ctx_in = &context;
    run.ctx_size_in = sizeof context;
  }
  const int program = program_ == "weir_plain" ? meter_->plain_program() : meter_->frags_program();
  EXPECT_EQ(bpf_prog_test_run_opts(program, &run), 0) << frame.size() << " bytes: " << std::strerror(errno);
  return run.retval;
}

Snapshot MeterTest::drain() {
  Snapshot out;
  const auto quiet = meter_->flip();
  EXPECT_TRUE(quiet) << quiet.error().what;
  if (!quiet) return out;
  last_epoch_ = *quiet;
  drain_generation(meter_->tables(), *quiet, StampClock(0, meter_->control().test_now_ns), out);
  std::vector<weir_sample> samples;
  meter_->take_samples(samples);
  std::transform(samples.begin(), samples.end(), std::back_inserter(out.samples), read_sample);
  EXPECT_TRUE(out.totals.is_conserved());
  return out;
}

FlowRecord MeterTest::flow_of(const Bytes& frame) {
  send(frame);
  const Snapshot snapshot = drain();
  EXPECT_EQ(snapshot.totals.seen_packets, 1u);
  EXPECT_EQ(snapshot.flows.size(), 1u);
  return snapshot.flows.empty() ? FlowRecord{} : snapshot.flows.front();
}

}  // namespace weir::test
