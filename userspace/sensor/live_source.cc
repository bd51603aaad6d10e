#include "sensor/live_source.h"

#include <time.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "sensor/realtime.h"
#include "sensor/table_reader.h"

namespace weir {
namespace {

constexpr std::int64_t kSecond_ns = 1'000'000'000;

std::int64_t read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * kSecond_ns + now.tv_nsec;
}

/// Of a generation that just fell quiet.
StampClock clock_of(FlowMeter& meter) {
  const std::int64_t monotonic_ns = read_clock(CLOCK_MONOTONIC), unix_ns = read_clock(CLOCK_REALTIME);
  const auto base_ns = static_cast<std::int64_t>(meter.control().base_ns);
  return {unix_ns - monotonic_ns + base_ns, static_cast<std::uint64_t>(monotonic_ns - base_ns)};
}

bool has_tables_of(const SensorOptions& now, const SensorOptions& next) {
  return now.flows == next.flows && now.samples_per_second == next.samples_per_second && now.decapsulate == next.decapsulate;
}

}  // namespace

LiveSource::LiveSource(FlowMeter meter, const SensorOptions& options)
    : meter_(std::move(meter)),
      watch_(meter_, options),
      shares_(meter_.tables().config.cpus, online_cpus()),
      options_(options),
      table_bytes_(size_tables(options.flows).bytes(meter_.tables().config.cpus)),
      last_end_ns_(read_clock(CLOCK_REALTIME) / kSecond_ns * kSecond_ns) {}

Result<std::unique_ptr<LiveSource>> LiveSource::start(const SensorOptions& options, std::vector<Kept> kept) {
  if (auto ok = refuse_realtime_kernel(); !ok) return tl::make_unexpected(ok.error());
  const TableSize size = size_tables(options.flows);
  auto tables = take_kept_tables(kept);
  auto meter = FlowMeter::load({.size = tables ? tables->size : size,
                                .samples_per_second = options.samples_per_second,
                                .decapsulate = options.decapsulate,
                                .kept = tables ? &*tables : nullptr});
  const bool has_size = meter && (meter->is_taken_over() || !tables);
  if (meter && !has_size)
    meter = FlowMeter::load(
        {.size = size, .samples_per_second = options.samples_per_second, .decapsulate = options.decapsulate});
  if (!meter) return tl::make_unexpected(meter.error());
  std::unique_ptr<LiveSource> live(new LiveSource(std::move(*meter), options));
  if (auto attached = live->watch_.start(kept); !attached) return tl::make_unexpected(attached.error());
  if (live->meter_.is_taken_over() && tables->size != size)
    if (auto replaced = live->replace_tables(options.flows, options.samples_per_second); !replaced)
      return tl::make_unexpected(replaced.error());
  return live;
}

Result<void> LiveSource::use(const SensorOptions& options) {
  if (!std::exchange(has_flipped_, false)) return fail(EAGAIN, "the tables could not be read; try again");
  std::optional<FlowMeter> next;
  if (!has_tables_of(options_, options)) {
    auto loaded = load_tables(options);
    if (!loaded) return tl::make_unexpected(loaded.error());
    next = std::move(*loaded);
  }
  const SensorOptions before = options_;
  if (auto used = watch_.use(options); !used) return used;
  if (next)
    if (auto moved = move_to(std::move(*next), options); !moved) {
      static_cast<void>(watch_.use(before));  // what it had is there, and was never let go unless it went
      return moved;
    }
  options_ = options;
  return {};
}

Result<void> LiveSource::replace_tables(std::uint32_t flows, std::uint32_t samples_per_second) {
  SensorOptions options = options_;
  options.flows = flows;
  options.samples_per_second = samples_per_second;
  auto next = load_tables(options);
  if (!next) return tl::make_unexpected(next.error());
  if (auto moved = move_to(std::move(*next), options); !moved) return moved;
  options_ = options;
  return {};
}

Result<FlowMeter> LiveSource::load_tables(const SensorOptions& options) const {
  if (retired_) return fail(EAGAIN, "the tables were replaced already since the last tick");
  return FlowMeter::load({.size = size_tables(options.flows),
                          .samples_per_second = options.samples_per_second,
                          .decapsulate = options.decapsulate,
                          .table_weights = shares_.weights(options.flows)});
}

Result<void> LiveSource::move_to(FlowMeter next, const SensorOptions& options) {
  next.copy_interfaces(meter_);
  if (auto moved = watch_.move_to(next); !moved) return moved;
  retired_ = std::exchange(meter_, std::move(next));
  retired_generations_ = 2;
  table_bytes_ = size_tables(options.flows).bytes(meter_.tables().config.cpus);
  return {};
}

std::vector<ToKeep> LiveSource::descriptors() const {
  std::vector<ToKeep> out;
  meter_.list_descriptors(out);
  watch_.list_descriptors(out);
  return out;
}

Result<bool> LiveSource::read_tick(Snapshot& out) {
  out.clear();
  if (auto read = read_retired(); !read) return tl::make_unexpected(read.error());
  const auto epoch = meter_.flip();
  if (!epoch) return tl::make_unexpected(epoch.error());
  std::swap(out, carried_);
  out.cpus.clear();
  drain_generation(meter_.tables(), *epoch, clock_of(meter_), out);
  shares_.learn(out.cpus);
  assign_shares(meter_.tables(), *epoch & 1, shares_.weights(options_.flows));
  add_samples(meter_, *epoch, out);
  watch_.count(out);
  has_flipped_ = true;
  out.start_ns = last_end_ns_;
  out.end_ns = last_end_ns_ = read_clock(CLOCK_REALTIME) / kSecond_ns * kSecond_ns;
  return true;
}

/// Both generations: one may not have been drained when the tables were replaced.
Result<void> LiveSource::read_retired() {
  for (; retired_generations_ > 0; --retired_generations_) {
    const auto epoch = retired_->flip();
    if (!epoch) return tl::make_unexpected(epoch.error());
    drain_generation(retired_->tables(), *epoch, clock_of(*retired_), carried_);
    add_samples(*retired_, *epoch, carried_);
  }
  retired_.reset();
  return {};
}

Result<void> LiveSource::follow_interfaces() {
  if (!std::exchange(has_flipped_, false)) return {};
  return watch_.follow();
}

void LiveSource::add_samples(FlowMeter& meter, std::uint32_t epoch, Snapshot& out) {
  meter.take_samples(samples_);
  const auto later = std::partition(samples_.begin(), samples_.end(),
                                    [epoch](const weir_sample& s) { return s.tag >> WEIR_TAG_EPOCH_SHIFT == epoch; });
  std::transform(samples_.begin(), later, std::back_inserter(out.samples), read_sample);
  samples_.erase(samples_.begin(), later);
}

}  // namespace weir
