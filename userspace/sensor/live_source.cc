#include "sensor/live_source.h"

#include <time.h>

#include <algorithm>
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

}  // namespace

LiveSource::LiveSource(FlowMeter meter, const SensorOptions& options)
    : meter_(std::move(meter)),
      watch_(meter_, options),
      shares_(meter_.tables().config.cpus, online_cpus()),
      flows_(options.flows),
      table_bytes_(size_tables(options.flows).bytes(meter_.tables().config.cpus)),
      last_end_ns_(read_clock(CLOCK_REALTIME) / kSecond_ns * kSecond_ns) {}

Result<std::unique_ptr<LiveSource>> LiveSource::start(const SensorOptions& options) {
  if (auto ok = refuse_realtime_kernel(); !ok) return tl::make_unexpected(ok.error());
  auto meter = FlowMeter::load({.size = size_tables(options.flows), .samples_per_second = options.samples_per_second});
  if (!meter) return tl::make_unexpected(meter.error());
  std::unique_ptr<LiveSource> live(new LiveSource(std::move(*meter), options));
  if (auto attached = live->watch_.start(); !attached) return tl::make_unexpected(attached.error());
  return live;
}

Result<bool> LiveSource::read_tick(Snapshot& out) {
  out.clear();
  const auto epoch = meter_.flip();
  if (!epoch) return tl::make_unexpected(epoch.error());
  const std::int64_t unix_ns = read_clock(CLOCK_REALTIME), monotonic_ns = read_clock(CLOCK_MONOTONIC);
  const auto base_ns = static_cast<std::int64_t>(meter_.control().base_ns);
  const StampClock clock(unix_ns - monotonic_ns + base_ns, static_cast<std::uint64_t>(monotonic_ns - base_ns));
  drain_generation(meter_.tables(), *epoch, clock, out);
  shares_.learn(out.cpus);
  assign_shares(meter_.tables(), *epoch & 1, shares_.weights(flows_));
  add_samples(*epoch, out);
  watch_.count(out);
  has_flipped_ = true;
  out.start_ns = last_end_ns_;
  out.end_ns = last_end_ns_ = unix_ns / kSecond_ns * kSecond_ns;
  return true;
}

Result<void> LiveSource::follow_interfaces() {
  if (!std::exchange(has_flipped_, false)) return {};
  return watch_.follow();
}

void LiveSource::add_samples(std::uint32_t epoch, Snapshot& out) {
  meter_.take_samples(samples_);
  const auto later = std::partition(samples_.begin(), samples_.end(),
                                    [epoch](const weir_sample& s) { return s.tag >> WEIR_TAG_EPOCH_SHIFT == epoch; });
  std::transform(samples_.begin(), later, std::back_inserter(out.samples), read_sample);
  samples_.erase(samples_.begin(), later);
}

}  // namespace weir
