#include "sensor/replay_source.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <new>

#include "sensor/table_reader.h"
#include "sensor/table_share.h"
#include "sensor/table_size.h"

namespace weir {
namespace {

constexpr std::int64_t kSecond_ns = 1'000'000'000;
constexpr std::int64_t kLongSilence_ns = 600 * kSecond_ns;  // well under the 36 minutes that 32-bit stamps can tell apart

std::int64_t second_of(std::int64_t time_ns) {
  return (time_ns >= 0 ? time_ns : time_ns - kSecond_ns + 1) / kSecond_ns * kSecond_ns;
}

}  // namespace

/// What the kernel's maps are elsewhere.
struct ReplaySource::Memory {
  struct Free {
    void operator()(void* p) const { std::free(p); }
  };
  std::vector<std::unique_ptr<void, Free>> tables;

  weir_native_map add(std::uint32_t entries, std::size_t value_size) {
    // calloc: pages that no packet reaches are never touched
    void* base = std::calloc(entries, value_size);
    if (base == nullptr) throw std::bad_alloc();
    tables.emplace_back(base);
    return {base, entries, static_cast<__u32>(value_size)};
  }
};

ReplaySource::ReplaySource(std::unique_ptr<PacketSource> packets, const SensorOptions& options)
    : packets_(std::move(packets)), memory_(std::make_unique<Memory>()) {
  tables_.config = make_config(size_tables(options.flows), 1, options.samples_per_second, options.decapsulate);
  tables_.config.test_clock = 1;
  // Results must not change from run to run: a capture cannot adapt to the key, so a constant one is no weakness here.
  for (std::size_t i = 0; i < std::size(tables_.config.key); ++i) tables_.config.key[i] = 0x9E3779B97F4A7C15ULL * (i + 1);
  const MapEntries n = map_entries(tables_.config);
  tables_.flows4 = memory_->add(n.flows4, sizeof(weir_set4));
  tables_.flows6 = memory_->add(n.flows6, sizeof(weir_set6));
  tables_.touched4 = memory_->add(n.touched4, sizeof(weir_touched));
  tables_.touched6 = memory_->add(n.touched6, sizeof(weir_touched));
  tables_.hosts = memory_->add(n.hosts, sizeof(weir_host_set));
  tables_.states = memory_->add(n.states, sizeof(weir_state));
  tables_.ports = memory_->add(n.ports, sizeof(weir_ports));
  tables_.filter = memory_->add(n.filter, sizeof(std::uint64_t));
  for (const std::uint32_t generation : {0u, 1u}) assign_shares(tables_, generation, std::array<std::uint64_t, 1>{1});
  tables_.control = &control_;
  tables_.on_sample = keep_sample;
  tables_.arg = this;
  control_.epoch = 1;
}

ReplaySource::~ReplaySource() = default;

void ReplaySource::keep_sample(void* self, const weir_sample* sample) {
  static_cast<ReplaySource*>(self)->samples_.push_back(*sample);
}

void ReplaySource::start(std::int64_t time_ns) {
  const std::int64_t second = second_of(time_ns);
  const bool is_first = base_ns_ == 0;
  if (is_first) base_ns_ = second;
  if (is_first || std::abs(second - tick_ns_) > kLongSilence_ns)
    reset_clocks(tables_, static_cast<std::uint32_t>((second - base_ns_) >> WEIR_TIME_SHIFT));
  tick_ns_ = newest_ns_ = second;
}

void ReplaySource::count(const Packet& packet) {
  newest_ns_ = std::max(newest_ns_, packet.time_ns);
  control_.test_now_ns = control_.test_coarse_ns = static_cast<__u64>(newest_ns_ - base_ns_);
  weir_native_packet(&tables_, packet.data.data(), static_cast<__u32>(packet.data.size()), packet.wire_bytes);
}

void ReplaySource::drain(std::int64_t end_ns, Snapshot& out) {
  const std::uint32_t epoch = control_.epoch;
  control_.epoch = next_epoch(epoch);
  const StampClock clock(base_ns_, static_cast<std::uint64_t>(end_ns - base_ns_));
  drain_generation(tables_, epoch, clock, out);
  std::transform(samples_.begin(), samples_.end(), std::back_inserter(out.samples), read_sample);
  samples_.clear();
  out.start_ns = tick_ns_;
  out.end_ns = end_ns;
}

Result<bool> ReplaySource::read_tick(Snapshot& out) {
  out.clear();
  bool counted = false;
  while (!finished_) {
    if (!has_next_) {
      const auto more = packets_->next(next_);
      if (!more) failed_ = tl::make_unexpected(more.error());
      if (!more || !*more) {
        finished_ = true;
        break;
      }
      has_next_ = true;
    }
    if (!counted) start(next_.time_ns);
    if (next_.time_ns >= tick_ns_ + kSecond_ns) break;
    has_next_ = false;
    counted = true;
    count(next_);
  }
  if (counted) {
    drain(tick_ns_ + kSecond_ns, out);
    return true;
  }
  if (failed_) return false;
  const Error error = failed_.error();
  failed_ = {};
  return tl::make_unexpected(error);
}

}  // namespace weir
