// What the daemon does with a tick and a window, apart from the kernel. Google Benchmark: see --help.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>

#include "features/window_keeper.h"
#include "model.h"
#include "support/flow_records.h"

namespace weir {
namespace {

/// 16 flows a host, half of them answered, as one drain would bring them.
Snapshot busy_tick(std::int64_t flows) {
  Snapshot tick = test::tick(0, {});
  for (std::int64_t i = 0; i < flows; ++i) {
    FlowRecord record = test::tcp("10.0.0.1", "192.0.2.1", 443, test::kAck, 10, 0.0, 0.9);
    record.key.source = IpAddress::v4(static_cast<std::uint32_t>(i / 16));
    record.key.source_port = static_cast<std::uint16_t>(i % 16);
    if (i % 2 != 0) std::swap(record.key.source, record.key.destination);
    tick.flows.push_back(record);
  }
  std::shuffle(tick.flows.begin(), tick.flows.end(), std::mt19937(1));  // tables are read in the order of their hash
  return tick;
}

void KeepTick(benchmark::State& state) {
  WindowKeeper keeper{WindowOptions()};
  const Snapshot tick = busy_tick(state.range(0));
  for (auto _ : state) keeper.add(tick, [](ClosedWindow&) {});
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(KeepTick)->Arg(1024)->Arg(65536)->Arg(1048576)->Unit(benchmark::kMillisecond);

void CloseWindow(benchmark::State& state) {
  WindowKeeper keeper{WindowOptions()};
  const Snapshot tick = busy_tick(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    keeper.add(tick, [](ClosedWindow&) {});
    state.ResumeTiming();
    keeper.finish([](ClosedWindow& window) { benchmark::DoNotOptimize(window.hosts.data()); });
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(CloseWindow)->Arg(1024)->Arg(65536)->Arg(1048576)->Unit(benchmark::kMillisecond);

void ScoreWindow(benchmark::State& state) {
  FeatureVector features{};
  double sum = 0;
  for (auto _ : state) {
    features[feature_index("total_packets")] += 1;  // another path through the trees each time
    sum += default_model().score(features).score;
  }
  benchmark::DoNotOptimize(sum);
}
BENCHMARK(ScoreWindow);

void ExplainWindow(benchmark::State& state) {
  FeatureVector features{};
  for (auto _ : state) {
    features[feature_index("total_packets")] += 1;
    benchmark::DoNotOptimize(default_model().contributions(features));
  }
}
BENCHMARK(ExplainWindow);

}  // namespace
}  // namespace weir

BENCHMARK_MAIN();
