#include "bench/subjects.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <sched.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

#include "bench/bench_abi.h"
#include "sensor/table_reader.h"
#include "sensor/table_size.h"
#include "weir_abi.h"
//
#include "bench.skel.h"
#include "conventional.skel.h"

namespace weir::test {
namespace {

constexpr std::uint32_t kLeastFlows = 131'072;

[[noreturn]] void give_up(const std::string& step) { throw std::runtime_error(step + ": " + std::strerror(errno)); }

double thread_cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// The smallest frame with all headers: 60 bytes (IPv4) or 74 (IPv6).
Bytes template_frame(bool is_v6) {
  PacketBuilder b;
  is_v6 ? b.ip6("2001:db8::1", "2001:db8:1::1") : b.ip4("10.0.0.0", "192.168.1.1");
  return b.tcp(0, 443).pad_to(60).build();
}

}  // namespace

void Subjects::Unload::operator()(bench* program) const { bench__destroy(program); }
void Subjects::Unload::operator()(conventional* program) const { conventional__destroy(program); }

Subjects::Subjects(const Case& what) : case_(what), frame_(template_frame(what.is_v6)), wrapper_(bench__open_and_load()) {
  if (!wrapper_) give_up("load the wrapper");
  wrapper_->data_knobs->knobs.flow_mask = what.flows - 1;
  wrapper_->data_knobs->knobs.every_new = what.every_packet_new;
  wrapper_->data_knobs->knobs.is_v6 = what.is_v6;
  load_conventional();
  // Half as many slots are for IPv6: the same load in both tables makes the cases comparable.
  const std::uint32_t flows = std::max(kLeastFlows, what.is_v6 ? 2 * what.flows : what.flows);
  std::vector<std::uint64_t> all_to_this_cpu(static_cast<std::size_t>(sched_getcpu()) + 1, 0);
  all_to_this_cpu.back() = 1;
  const auto cpus = FlowMeter::possible_cpus();
  if (!cpus) throw std::runtime_error(cpus.error().what);
  all_to_this_cpu.resize(*cpus);
  auto meter = FlowMeter::load({.size = size_tables(flows), .table_weights = std::move(all_to_this_cpu)});
  if (!meter) throw std::runtime_error(meter.error().what);
  meter_ = std::move(*meter);
}

Subjects::~Subjects() = default;

void Subjects::load_conventional() {
  conventional_.reset(conventional__open());
  if (!conventional_) give_up("open the conventional program");
  const std::uint32_t entries = 2 * std::max(kLeastFlows, case_.flows);  // as many slots as the product has
  const auto& maps = conventional_->maps;
  bpf_map__set_max_entries(maps.lru_flows4, case_.is_v6 ? 1024 : entries);
  bpf_map__set_max_entries(maps.lru_flows6, case_.is_v6 ? entries : 1024);
  bpf_map__set_max_entries(maps.lru_hosts4, case_.is_v6 ? 1024 : entries / 4);
  bpf_map__set_max_entries(maps.lru_hosts6, case_.is_v6 ? entries / 4 : 1024);
  if (conventional__load(conventional_.get()) != 0) give_up("load the conventional program");
}

int Subjects::program_of(Kind kind) const {
  if (kind == kConventional) return bpf_program__fd(conventional_->progs.count_all);
  if (kind == kWeir) return meter_->plain_program();
  return bpf_program__fd(wrapper_->progs.empty);
}

void Subjects::run(Kind kind, int packets) {
  const int program = program_of(kind);
  bpf_test_run_opts run{};
  run.sz = sizeof run;
  run.data_in = frame_.data();
  run.data_size_in = static_cast<__u32>(frame_.size());
  run.repeat = packets;
  if (bpf_prog_test_run_opts(kind == kEmptyDirect ? program : bpf_program__fd(wrapper_->progs.vary), &run) != 0)
    give_up("test run");
  if (run.retval != XDP_PASS) throw std::runtime_error("the tail call did not reach its program");
}

void Subjects::empty_tables() {
  Snapshot ignored;
  const auto quiet = meter_->flip();
  if (!quiet) throw std::runtime_error(quiet.error().what);
  drain_generation(meter_->tables(), *quiet, StampClock(0, 0), ignored);
  if (!ignored.totals.is_conserved()) throw std::runtime_error("packets were lost");
}

void Subjects::warm_up() {
  for (const Kind kind : {kEmptyDirect, kEmpty, kConventional, kWeir})
    measure(kind, case_.every_packet_new || kind < kConventional ? 50'000 : static_cast<int>(50'000 + 6 * case_.flows));
}

double Subjects::measure(Kind kind, int packets) {
  const __u32 first = 0;
  const int program = program_of(kind);
  if (bpf_map_update_elem(bpf_map__fd(wrapper_->maps.subject), &first, &program, BPF_ANY) != 0)
    give_up("choose the program");
  if (case_.every_packet_new && kind == kWeir) empty_tables();  // as after each tick
  const double before = thread_cpu_ns();
  run(kind, packets);
  return (thread_cpu_ns() - before) / packets;
}

}  // namespace weir::test
