#pragma once

#include <sched.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sensor/flow_meter.h"
#include "support/packet_builder.h"

struct bench;  // bpftool's skeletons
struct bench_knobs;
struct conventional;

namespace weir::test {

/// CPU time of this thread.
double thread_cpu_ns();

/// Throws std::runtime_error with the step and what errno says.
[[noreturn]] void give_up(const std::string& step);

/// The product's program with tables declared for `flows`, all of them for one CPU: that which this thread is pinned to.
/// Throws.
FlowMeter load_meter(std::uint32_t flows, int cpu = sched_getcpu());

/// The program that makes one template packet look like many flows, then runs another behind it.
class Wrapper {
 public:
  /// Throws std::runtime_error where something cannot be loaded.
  explicit Wrapper(bool is_v6);
  ~Wrapper();
  Wrapper(const Wrapper&) = delete;
  Wrapper& operator=(const Wrapper&) = delete;

  bench_knobs& knobs();
  int empty() const;  ///< programs, as descriptors
  int send_mixed() const;

  /// Sends packets through `program` behind the wrapper, or straight into the empty one. CPU time of this thread for each,
  /// in nanoseconds.
  double run(int program, int packets);
  double run_empty_directly(int packets);

 private:
  struct Unload {
    void operator()(bench*) const;
  };
  double test_run(int program, int packets);

  Bytes frame_;
  std::unique_ptr<bench, Unload> programs_;
};

/// The usual design, to compare with.
class Conventional {
 public:
  /// `entries`: of the flow map; a quarter as many hosts. Throws.
  Conventional(bool is_v6, std::uint32_t entries);
  ~Conventional();
  Conventional(const Conventional&) = delete;
  Conventional& operator=(const Conventional&) = delete;

  int program() const;
  /// Reads all flows the way that programs of this kind do, BPF_MAP_LOOKUP_BATCH or BPF_MAP_LOOKUP_AND_DELETE_BATCH with
  /// room for `batch` entries, and returns how many there were. Nothing is made of them.
  std::uint64_t read_flows(bool and_delete, std::uint32_t batch = 65536);
  /// Empties flows and hosts, as a drain does.
  void empty_maps();

 private:
  struct Unload {
    void operator()(conventional*) const;
  };
  std::uint64_t read_map(int map, std::size_t key_size, bool and_delete, std::uint32_t batch);

  bool is_v6_;
  std::vector<std::uint8_t> keys_, values_;
  std::unique_ptr<conventional, Unload> programs_;
};

}  // namespace weir::test
