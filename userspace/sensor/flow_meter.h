#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "sensor/kept_tables.h"
#include "sensor/native_meter.h"
#include "sensor/sensor_options.h"
#include "sensor/table_size.h"

struct flow_meter;   // bpftool's skeleton
struct ring_buffer;  // libbpf

namespace weir {

/// A stretch of mapped map memory; unmapped when dropped.
class MappedMap {
 public:
  MappedMap() = default;
  MappedMap(void* base, std::size_t size) : base_(base), size_(size) {}
  MappedMap(MappedMap&& other) noexcept { swap(other); }
  MappedMap& operator=(MappedMap&& other) noexcept {
    swap(other);
    return *this;
  }
  ~MappedMap();
  void* base() const { return base_; }

 private:
  void swap(MappedMap& other) noexcept {
    std::swap(base_, other.base_);
    std::swap(size_, other.size_);
  }
  void* base_ = nullptr;
  std::size_t size_ = 0;
};

/// A device whose packets count for the interface of another's slot.
struct InterfacePort {
  int ifindex = 0;
  std::size_t slot = 0;
  auto operator<=>(const InterfacePort&) const = default;
};

/// Owns the loaded XDP programs and their maps; dropping it unloads them. One thread uses it.
class FlowMeter {
 public:
  struct Load {
    TableSize size;
    std::uint32_t samples_per_second = 2000;
    std::vector<Tunnel> decapsulate = SensorOptions{}.decapsulate;
    std::vector<std::uint64_t> table_weights{};  ///< each CPU's first part of the tables; empty: equal for those online
    KeptTables* kept = nullptr;                  ///< used on, where they are whole and of this size; else left alone
    bool test_clock = false;                     ///< tests set the clocks in control()
    std::string only_program{};  ///< loads this one alone and spares the verifier the others, for tests; empty: all
  };

  /// CPUs that each need a region of every table, present or not.
  [[nodiscard]] static Result<std::uint32_t> possible_cpus();

  /// Opens, sizes, configures, loads and maps. EPERM: capabilities are missing; the message says which step failed.
  [[nodiscard]] static Result<FlowMeter> load(const Load& how);
  FlowMeter(FlowMeter&&) noexcept;
  FlowMeter& operator=(FlowMeter&&) noexcept;
  ~FlowMeter();

  /// Gives each interface the slot (below WEIR_INTERFACES) of its place in the list; 0 = the slot is free. Call before
  /// attaching. While packets flow, what is listed already must keep its slot, and a flip must lie between two calls.
  /// `ports` have the slots of others.
  [[nodiscard]] Result<void> name_interfaces(std::span<const int> ifindexes, std::span<const InterfacePort> ports = {});

  /// Whether packets of this slot are dropped once they are counted. Off until asked for.
  void set_mirror(std::size_t slot, bool on);

  /// Knows the interfaces that `other` does, by the same slots. Call before programs are replaced.
  void copy_interfaces(const FlowMeter& other);

  /// Starts the next generation, waits until no program writes to the last one, returns the epoch that is quiet now and
  /// must be drained before the next flip. On error nothing is lost: the next call waits again for the same epoch.
  [[nodiscard]] Result<std::uint32_t> flip();

  /// Payload samples that arrived; to be called once a tick.
  void take_samples(std::vector<weir_sample>& out);

  /// The maps, so that another process can go on with them: kept_map_name().
  void list_descriptors(std::vector<ToKeep>& out) const;
  /// It goes on with the tables of an earlier process; the first flip() returns what that one may not have drained.
  bool is_taken_over() const { return taken_over_; }

  int plain_program() const;
  int frags_program() const;
  int ingress_program() const;  ///< of tc
  int egress_program() const;   ///< of tc
  /// Frames longer than this, at this interface slot, count as merged from several packets.
  void set_frame_limit(unsigned slot, std::uint32_t bytes) { control().frame_limit[slot] = bytes; }
  /// Whether what leaves through this slot is an answer: in Snapshot::answers, in no sum. Call before attaching to its
  /// egress.
  void set_answers(unsigned slot, bool on);
  weir_tables& tables() { return tables_; }
  weir_control& control() { return *tables_.control; }

 private:
  struct Destroy {
    void operator()(flow_meter*) const;
    void operator()(ring_buffer*) const;
  };
  using Skeleton = std::unique_ptr<flow_meter, Destroy>;

  explicit FlowMeter(Skeleton skeleton);
  void take_over(KeptTables& kept);
  void start_tables(const Load& how);
  [[nodiscard]] Result<void> map_tables();
  [[nodiscard]] Result<void> open_samples();

  Skeleton skeleton_;
  std::vector<MappedMap> mapped_;
  std::unique_ptr<std::vector<weir_sample>> samples_;  ///< the ring's callback fills it; its address must not move
  std::unique_ptr<ring_buffer, Destroy> ring_;
  weir_tables tables_{};
  bool waiting_ = false;  ///< flipped, but the grace period failed
  std::string id_;        ///< of these tables among all that are kept
  TableSize size_;
  bool taken_over_ = false;
  unsigned grace_updates_ = 0;
};

}  // namespace weir
