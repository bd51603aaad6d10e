#include "sensor/live_source.h"

#include <time.h>

#include <algorithm>

#include "sensor/departures.h"
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

LiveSource::LiveSource(FlowMeter meter, std::uint64_t table_bytes)
    : meter_(std::move(meter)),
      table_bytes_(table_bytes),
      last_end_ns_(read_clock(CLOCK_REALTIME) / kSecond_ns * kSecond_ns) {}

Result<std::unique_ptr<LiveSource>> LiveSource::start(const SensorOptions& options) {
  const TableSize size = size_tables(options.flows);
  auto meter = FlowMeter::load({.size = size, .samples_per_second = options.samples_per_second});
  if (!meter) return tl::make_unexpected(meter.error());
  const std::uint64_t bytes = size.bytes(meter->tables().config.cpus);
  std::unique_ptr<LiveSource> live(new LiveSource(std::move(*meter), bytes));
  std::vector<int> ifindexes;
  for (const std::string& name : options.interfaces) {
    const auto index = interface_index(name);
    if (!index) return tl::make_unexpected(index.error());
    ifindexes.push_back(*index);
  }
  if (auto named = live->meter_.name_interfaces(ifindexes); !named) return tl::make_unexpected(named.error());
  for (const std::string& name : options.interfaces) {
    auto attachment = attach(live->meter_, name, options.xdp_mode);
    if (!attachment) return tl::make_unexpected(attachment.error());
    const auto slot = static_cast<unsigned>(live->attachments_.size());
    watch_merging(live->meter_, slot, options.gro_off, *attachment);
    if (auto leaving = watch_departures(live->meter_, slot, options, options.interfaces.size(), *attachment); !leaving)
      return tl::make_unexpected(leaving.error());
    live->attachments_.push_back(std::move(*attachment));
  }
  return live;
}

Result<bool> LiveSource::read_tick(Snapshot& out) {
  out.clear();
  for (unsigned slot = 0; slot < attachments_.size(); ++slot) refresh_frame_limit(meter_, slot, attachments_[slot]);
  const auto epoch = meter_.flip();
  if (!epoch) return tl::make_unexpected(epoch.error());
  const std::int64_t unix_ns = read_clock(CLOCK_REALTIME), monotonic_ns = read_clock(CLOCK_MONOTONIC);
  const auto base_ns = static_cast<std::int64_t>(meter_.control().base_ns);
  const StampClock clock(unix_ns - monotonic_ns + base_ns, static_cast<std::uint64_t>(monotonic_ns - base_ns));
  drain_generation(meter_.tables(), *epoch, clock, out);
  add_samples(*epoch, out);
  out.start_ns = last_end_ns_;
  out.end_ns = last_end_ns_ = unix_ns / kSecond_ns * kSecond_ns;
  return true;
}

void LiveSource::add_samples(std::uint32_t epoch, Snapshot& out) {
  meter_.take_samples(samples_);
  const auto later = std::partition(samples_.begin(), samples_.end(),
                                    [epoch](const weir_sample& s) { return s.tag >> WEIR_TAG_EPOCH_SHIFT == epoch; });
  std::transform(samples_.begin(), later, std::back_inserter(out.samples), read_sample);
  samples_.erase(samples_.begin(), later);
}

}  // namespace weir
