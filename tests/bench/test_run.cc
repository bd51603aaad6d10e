#include "bench/test_run.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sched.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "bench/bench_abi.h"
//
#include "bench.skel.h"
#include "conventional.skel.h"

namespace weir::test {
namespace {

/// The smallest frame with all headers: 60 bytes (IPv4) or 74 (IPv6).
Bytes template_frame(bool is_v6) {
  PacketBuilder b;
  is_v6 ? b.ip6("2001:db8::1", "2001:db8:1::1") : b.ip4("10.0.0.0", "192.168.1.1");
  return b.tcp(0, 443).pad_to(60).build();
}

}  // namespace

double thread_cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

void give_up(const std::string& step) { throw std::runtime_error(step + ": " + std::strerror(errno)); }

FlowMeter load_meter(std::uint32_t flows, int cpu) {
  const auto cpus = FlowMeter::possible_cpus();
  if (!cpus) throw std::runtime_error(cpus.error().what);
  std::vector<std::uint64_t> all_to_one(*cpus, 0);
  all_to_one.at(static_cast<std::size_t>(cpu)) = 1;
  auto meter = FlowMeter::load({.size = size_tables(flows), .table_weights = std::move(all_to_one)});
  if (!meter) throw std::runtime_error(meter.error().what);
  return std::move(*meter);
}

void Wrapper::Unload::operator()(bench* programs) const { bench__destroy(programs); }
void Conventional::Unload::operator()(conventional* programs) const { conventional__destroy(programs); }

Wrapper::Wrapper(bool is_v6) : frame_(template_frame(is_v6)), programs_(bench__open_and_load()) {
  if (!programs_) give_up("load the wrapper");
  knobs().is_v6 = is_v6;
}

Wrapper::~Wrapper() = default;

bench_knobs& Wrapper::knobs() { return programs_->data_knobs->knobs; }
int Wrapper::empty() const { return bpf_program__fd(programs_->progs.empty); }
int Wrapper::send_mixed() const { return bpf_program__fd(programs_->progs.send_mixed); }

double Wrapper::run(int program, int packets) {
  const __u32 first = 0;
  if (bpf_map_update_elem(bpf_map__fd(programs_->maps.subject), &first, &program, BPF_ANY) != 0)
    give_up("choose the program");
  return test_run(bpf_program__fd(programs_->progs.vary), packets);
}

double Wrapper::run_empty_directly(int packets) { return test_run(empty(), packets); }

double Wrapper::test_run(int program, int packets) {
  bpf_test_run_opts run{};
  run.sz = sizeof run;
  run.data_in = frame_.data();
  run.data_size_in = static_cast<__u32>(frame_.size());
  run.repeat = packets;
  const double before = thread_cpu_ns();
  if (bpf_prog_test_run_opts(program, &run) != 0) give_up("test run");
  const double after = thread_cpu_ns();
  if (run.retval != XDP_PASS) throw std::runtime_error("the tail call did not reach its program");
  return (after - before) / packets;
}

Conventional::Conventional(bool is_v6, std::uint32_t entries) : is_v6_(is_v6), programs_(conventional__open()) {
  if (!programs_) give_up("open the conventional program");
  const auto& maps = programs_->maps;
  bpf_map__set_max_entries(maps.lru_flows4, is_v6 ? 1024 : entries);
  bpf_map__set_max_entries(maps.lru_flows6, is_v6 ? entries : 1024);
  bpf_map__set_max_entries(maps.lru_hosts4, is_v6 ? 1024 : entries / 4);
  bpf_map__set_max_entries(maps.lru_hosts6, is_v6 ? entries / 4 : 1024);
  if (conventional__load(programs_.get()) != 0) give_up("load the conventional program");
}

Conventional::~Conventional() = default;

int Conventional::program() const { return bpf_program__fd(programs_->progs.count_all); }

std::uint64_t Conventional::read_map(int map, std::size_t key_size, bool and_delete, std::uint32_t batch) {
  const std::size_t value_size = sizeof(weir_counters) * static_cast<std::size_t>(libbpf_num_possible_cpus());
  keys_.resize(batch * key_size);
  values_.resize(batch * value_size);
  std::uint64_t all = 0, position[8]{};  // of the kernel's iteration: a key or less
  for (void* from = nullptr;; from = position) {
    __u32 count = batch;
    const int error = (and_delete ? bpf_map_lookup_and_delete_batch : bpf_map_lookup_batch)(
        map, from, position, keys_.data(), values_.data(), &count, nullptr);
    if (error != 0 && errno != ENOENT) give_up("read a map in batches");
    all += count;
    if (error != 0) return all;
  }
}

std::uint64_t Conventional::read_flows(bool and_delete, std::uint32_t batch) {
  const auto& maps = programs_->maps;
  return is_v6_ ? read_map(bpf_map__fd(maps.lru_flows6), 40, and_delete, batch)
                : read_map(bpf_map__fd(maps.lru_flows4), 16, and_delete, batch);
}

void Conventional::empty_maps() {
  read_flows(true);
  const auto& maps = programs_->maps;
  read_map(bpf_map__fd(is_v6_ ? maps.lru_hosts6 : maps.lru_hosts4), is_v6_ ? 32 : 4, true, 65536);
}

}  // namespace weir::test
