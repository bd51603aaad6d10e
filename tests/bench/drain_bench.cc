// CPU time of draining: what the daemon does each second with the tables of the generation that fell quiet, beside the usual
// way of reading kernel maps, in turn within one process. The minimum of several rounds counts.
//   drain_bench [--json]   64k and 1M flows, and tables declared for 1M flows in which nothing happened
//   drain_bench --check    fails if a ratio to the usual way is a quarter worse than recorded, six times in a row
//   drain_bench --record   notes the ratios of this machine in ratios.json
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <exception>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>

#include "bench/bench_abi.h"
#include "bench/ratios.h"
#include "bench/test_run.h"
#include "features/window_keeper.h"
#include "sensor/table_reader.h"
#include "support/private_network.h"

namespace weir::test {
namespace {

constexpr int kSkipped = 77;
constexpr int kRounds = 9;  // ticks of one window: each flow of a tick meets itself in the next
constexpr int kAttempts = 6;
constexpr std::int64_t kSecond_ns = 1'000'000'000, kWindowStart_ns = 1'700'000'000 * kSecond_ns;

/// CPU time in milliseconds.
struct Costs {
  double scan = std::numeric_limits<double>::max();  ///< tables to flow records
  double sums = scan;                                ///< the same, and what each source sent
  double windows = scan;                             ///< the same as scan, and joins across ticks into windows
  double close = scan;                               ///< end of a window, once in ten ticks; part of no other figure
  double lookup = scan;                              ///< BPF_MAP_LOOKUP_BATCH over as many flows; nothing made of them
  double lookup_and_delete = scan;
  double idle = scan;  ///< as scan, after a tick without a packet
};

template <class Work>
double cpu_ms(const Work& work) {
  const double before = thread_cpu_ns();
  work();
  return (thread_cpu_ns() - before) / 1e6;
}

/// What each source sent, and nothing else: the least that can be made of a drain.
class SourceSums {
 public:
  explicit SourceSums(std::uint32_t limit) : index_(limit, 1) {}

  void add(std::span<const FlowRecord> records) {
    constexpr std::size_t kAhead = 16;
    for (std::size_t at = 0; at < records.size(); at += kAhead)
      add_few(records.subspan(at, std::min(kAhead, records.size() - at)));
  }
  std::uint64_t packets() const {
    std::uint64_t sum = 0;
    for (std::uint32_t i = 0; i < index_.size(); ++i) sum += index_.value(i).packets;
    return sum;
  }
  void clear() { index_.clear(); }

 private:
  struct Sums {
    std::uint64_t packets = 0, bytes = 0, sum_squared_bytes = 0, tcp_packets = 0, flows = 0;
    std::int64_t last_ns = 0;
  };

  void add_few(std::span<const FlowRecord> few) {
    std::array<std::uint32_t, 16> hashes{};
    for (std::size_t i = 0; i < few.size(); ++i) index_.prefetch_place(hashes[i] = index_.hash_of(few[i].key.source));
    for (std::size_t i = 0; i < few.size(); ++i) index_.prefetch_entry(hashes[i]);
    for (std::size_t i = 0; i < few.size(); ++i) add_one(few[i], hashes[i]);
  }
  void add_one(const FlowRecord& r, std::uint32_t hash) {
    Sums& s = index_.value(index_.find_or_add(r.key.source, hash));
    s.packets += r.packets;
    s.bytes += r.bytes;
    s.sum_squared_bytes += r.sum_squared_bytes;
    s.tcp_packets += r.key.protocol == 6 ? r.packets : 0;
    s.last_ns = std::max(s.last_ns, r.last_ns);
    ++s.flows;
  }

  FlatIndex<IpAddress, Sums> index_;
};

/// Room for all: joining is what is to be measured, not giving up.
WindowOptions room_for(std::uint32_t flows) {
  WindowOptions options;
  options.flows = std::max(options.flows, flows);
  options.hosts = std::max(options.hosts, flows / 8);
  return options;
}

/// The product's tables and the usual maps with the same flows in them, tick after tick.
class Drains {
 public:
  explicit Drains(std::uint32_t flows)
      : flows_(flows),
        wrapper_(false),
        conventional_(false, 2 * flows),
        meter_(load_meter(flows)),
        sums_(flows),
        keeper_(room_for(flows)) {
    wrapper_.knobs().every_new = 1;
  }

  Costs measure(int rounds) {
    Costs best;
    for (tick_ = 0; tick_ < rounds; ++tick_) {
      measure_ours(best);
      measure_usual(best);
      keep_least(best.idle, cpu_ms([this] { scan(); }));  // the other generation: nothing came since it was last read
      expect(snapshot_.flows.empty(), "an idle tick");
    }
    keep_least(best.close, cpu_ms([this] { keeper_.finish([](ClosedWindow&) {}); }));
    const WindowLosses& losses = keeper_.losses();
    expect(losses.unjoined_records == 0 && losses.untracked_packets == 0, "joining all");
    return best;
  }

 private:
  static void keep_least(double& known, double now) { known = std::min(known, now); }
  static void expect(bool truth, const char* of_what) {
    if (!truth) throw std::runtime_error(std::string("wrong count: ") + of_what);
  }

  void fill(int program) {
    wrapper_.knobs().next_flow = 0;
    wrapper_.run(program, static_cast<int>(flows_));
  }

  void scan() {
    snapshot_.clear();
    const auto quiet = meter_.flip();
    if (!quiet) throw std::runtime_error(quiet.error().what);
    drain_generation(meter_.tables(), *quiet, StampClock(kWindowStart_ns, 0), snapshot_);
    snapshot_.start_ns = kWindowStart_ns + tick_ * kSecond_ns;
    snapshot_.end_ns = snapshot_.start_ns + kSecond_ns;
  }

  void measure_ours(Costs& best) {
    fill(meter_.frags_program());
    const double scan_ms = cpu_ms([this] { scan(); });
    const Totals& totals = snapshot_.totals;
    expect(totals.is_conserved() && totals.seen_packets == flows_, "packets of a tick");
    sums_.clear();
    const double sums_ms = cpu_ms([this] { sums_.add(snapshot_.flows); });
    expect(sums_.packets() == totals.flow_packets, "packets by source");
    const double windows_ms = cpu_ms([this] { keeper_.add(snapshot_, [](ClosedWindow&) {}); });
    keep_least(best.scan, scan_ms);
    keep_least(best.sums, scan_ms + sums_ms);
    keep_least(best.windows, scan_ms + windows_ms);
  }

  void measure_usual(Costs& best) {
    fill(conventional_.program());
    std::uint64_t looked_up = 0, deleted = 0;
    keep_least(best.lookup, cpu_ms([&] { looked_up = conventional_.read_flows(false); }));
    keep_least(best.lookup_and_delete, cpu_ms([&] { deleted = conventional_.read_flows(true); }));
    expect(looked_up == deleted && deleted > flows_ / 10 * 9 && deleted <= flows_, "flows in the usual map");
  }

  std::uint32_t flows_;
  Wrapper wrapper_;
  Conventional conventional_;
  FlowMeter meter_;
  SourceSums sums_;
  WindowKeeper keeper_;
  Snapshot snapshot_;
  int tick_ = 0;
};

struct Size {
  const char* name;
  std::uint32_t flows;
};
constexpr Size kSizes[] = {{"64k", 1 << 16}, {"1m", 1 << 20}};

nlohmann::ordered_json to_json(const Costs& c) {
  const auto rounded = [](double ms) { return std::round(ms * 100) / 100; };
  return {{"scan_ms", rounded(c.scan)},
          {"sums_ms", rounded(c.sums)},
          {"windows_ms", rounded(c.windows)},
          {"window_close_ms", rounded(c.close)},
          {"lookup_batch_ms", rounded(c.lookup)},
          {"lookup_and_delete_batch_ms", rounded(c.lookup_and_delete)},
          {"idle_ms", rounded(c.idle)}};
}

void print_row(const Size& size, const Costs& c) {
  std::printf("%-6s %7.2f %7.2f %9.2f %12.2f %14.2f %18.2f %7.2f  x %.0f\n", size.name, c.scan, c.sums, c.windows, c.close,
              c.lookup, c.lookup_and_delete, c.idle, c.lookup_and_delete / c.scan);
  std::fflush(stdout);
}

void measure_all(bool json) {
  nlohmann::ordered_json all;
  if (!json) std::puts("CPU ms    scan   +sums  +windows  window end   lookup_batch  lookup_and_delete    idle  ratio");
  for (const Size& size : kSizes) {
    const Costs costs = Drains(size.flows).measure(kRounds);
    json ? void(all[size.name] = to_json(costs)) : print_row(size, costs);
  }
  if (json) std::puts(nlohmann::ordered_json{{"flows", all}, {"rounds", kRounds}}.dump().c_str());
}

/// Guarded: the whole drain, windows included, against merely reading the usual map; and the reading by itself.
Ratios measure_guarded() {
  const Costs c = Drains(kSizes[0].flows).measure(kRounds);
  return {{"scan_64k", c.scan / c.lookup}, {"windows_64k", c.windows / c.lookup}};
}

bool is_within_bounds(const RatioBook& book) {
  Ratios best;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    for (const auto& [name, ratio] : measure_guarded())
      best[name] = best.contains(name) ? std::min(best[name], ratio) : ratio;
    if (book.holds("drain", best)) return true;
  }
  return false;
}

Ratios median_of_three() {
  std::array<Ratios, 3> three;
  for (Ratios& ratios : three) ratios = measure_guarded();
  Ratios medians;
  for (const auto& [name, ratio] : three[0]) {
    std::array<double, 3> sorted = {ratio, three[1][name], three[2][name]};
    std::sort(sorted.begin(), sorted.end());
    medians[name] = sorted[1];
  }
  return medians;
}

int run_benchmark(const std::string& argument) {
  if (!is_root()) {
    std::fputs("SKIP: needs root, to load BPF programs\n", stderr);
    return kSkipped;
  }
  pin_to_cpu(static_cast<int>(std::thread::hardware_concurrency()) - 1);
  if (argument == "--record") return RatioBook(WEIR_BENCH_RATIOS).record("drain", median_of_three()), 0;
  if (argument == "--check") return is_within_bounds(RatioBook(WEIR_BENCH_RATIOS)) ? 0 : 1;
  measure_all(argument == "--json");
  return 0;
}

}  // namespace
}  // namespace weir::test

int main(int count, char** arguments) try {
  const std::string argument = count > 1 ? arguments[1] : "";
  if (count > 2 || (!argument.empty() && argument != "--json" && argument != "--check" && argument != "--record")) {
    std::fputs("usage: drain_bench [--json | --check | --record]\n", stderr);
    return 2;
  }
  return weir::test::run_benchmark(argument);
} catch (const std::exception& error) {
  std::fprintf(stderr, "drain_bench: %s\n", error.what());
  return 1;
}
