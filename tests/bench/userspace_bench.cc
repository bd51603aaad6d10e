// What the daemon does with a tick and a window, apart from the kernel. Google Benchmark: see --help.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "features/payload_signs.h"
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

enum HeadKind : std::int64_t { kNoise, kTls, kRequest, kAttack, kHostile };

/// Payload heads of a kind; hostile ones are made of pieces of attacks, so that hardly two texts take the patterns'
/// automaton the same way.
std::string make_head(HeadKind kind, std::mt19937& random) {
  static constexpr const char* kPieces[] = {"union", "select",  "/**/",  "'",   "\"",     "or",  "1", "=",
                                            "(",     "<script", "on",    "../", "etc/",   "%27", "+", "${",
                                            "%252f", "wget",    "http:", "`",   "sleep(", ";"};
  std::string head(WEIR_SAMPLE_BYTES, 'x');
  const std::string number = std::to_string(random());
  const auto begin_with = [&head](const std::string& text) { head.replace(0, text.size(), text); };
  for (char& c : head) c = static_cast<char>(random());
  if (kind == kTls) begin_with("\x17\x03\x03");
  if (kind == kRequest)
    head = "GET /static/" + number + "/a.png?v=" + number +
           " HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: Mozilla/5.0 (X11; x86_64)";
  if (kind == kAttack)
    head = "GET /p?id=-1+union+all+select+1," + number + " HTTP/1.1\r\nHost: a\r\nUser-Agent: sqlmap/1.7\r\n";
  if (kind == kHostile)
    for (head = "GET /?"; head.size() < WEIR_SAMPLE_BYTES;) head += kPieces[random() % std::size(kPieces)];
  head.resize(std::min<std::size_t>(head.size(), WEIR_SAMPLE_BYTES));
  return head;
}

void ReadSigns(benchmark::State& state) {
  std::mt19937 random(1);
  std::vector<std::string> heads;
  for (int i = 0; i < 20000; ++i) heads.push_back(make_head(static_cast<HeadKind>(state.range(0)), random));
  std::size_t next = 0;
  for (auto _ : state) {
    const std::string& head = heads[next++ % heads.size()];
    benchmark::DoNotOptimize(read_signs(6, 40000, 80, {reinterpret_cast<const std::uint8_t*>(head.data()), head.size()}));
  }
}
BENCHMARK(ReadSigns)->ArgName("kind")->DenseRange(kNoise, kHostile);

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
