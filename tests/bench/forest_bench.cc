// What a score costs: nanoseconds of CPU a row, one thread, by each path of the engine, beside a plain walk from node to
// node over the same rows in the same run. The least of several tries counts.
//   forest_bench [--json]   trees over 256 of 100,000 rows of 18 columns
//   forest_bench --on DIR   one JSON object: the forest and rows of forest_peers.py, and whether the sums are the same bits
//   forest_bench --check    short: fails where a path lost a quarter of its lead over the plain walk
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bench/ratios.h"
#include "column_forest.h"
#include "feature_matrix.h"
#include "forest.h"
#include "forest_builder.h"
#include "random.h"
#include "tree_shap.h"

namespace weir::test {
namespace {

constexpr std::size_t kRows = 100'000;
constexpr unsigned kSamples = 256;
constexpr std::size_t kBatches[] = {1, 64, 1000, kRows};
constexpr DepthPath kPaths[] = {DepthPath::kWalk, DepthPath::kPortable, DepthPath::kAvx2, DepthPath::kAvx512};

double cpu_s() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// Like traffic: rates with heavy tails, shares with ties, counters.
FeatureMatrix traffic_rows() {
  Random random(1);
  FeatureMatrix rows(kRows, static_cast<Eigen::Index>(kFeatureCount));
  for (Eigen::Index row = 0; row < rows.rows(); ++row)
    for (Eigen::Index column = 0; column < rows.cols(); ++column) {
      const double u = random.uniform();
      const double tail = std::pow(1 - u, -0.7), share = std::round(u * 20) / 20, counter = std::floor(-8 * std::log1p(-u));
      rows(row, column) = static_cast<float>(column % 3 == 0 ? tail : column % 3 == 1 ? share : counter);
    }
  return rows;
}

/// Least CPU time of several calls, in seconds; at least 3, and what fits into the time.
double least_s(double most_s, const std::function<void()>& work) {
  double least = HUGE_VAL;
  const double until = cpu_s() + most_s;
  for (int i = 0; i < 3 || cpu_s() < until; ++i) {
    const double before = cpu_s();
    work();
    least = std::min(least, cpu_s() - before);
  }
  return least;
}

double ns_per_row(const DepthEngine& engine, const RowTable& table, std::size_t batch, DepthPath path, double most_s) {
  // One row over and over would be predicted by heart; and a batch is scored as often as the clock can tell.
  const std::size_t used = batch >= 1000 ? batch : std::size_t{8192};
  std::vector<double> sums(batch);
  const double seconds = least_s(most_s, [&] {
    for (std::size_t i = 0; i + batch <= used; i += batch)
      engine.sum(table.values.subspan(i * table.columns, batch * table.columns), sums, path);
  });
  return seconds * 1e9 / static_cast<double>(used / batch * batch);
}

Forest grown(const FeatureMatrix& rows, unsigned trees) { return Forest(grow_forest(table_of(rows), {trees, kSamples, 1})); }

using Costs = nlohmann::ordered_json;  // ns a row by path and batch

Costs measure_paths(const DepthEngine& engine, const RowTable& table, double most_s) {
  Costs costs;
  for (const DepthPath path : kPaths)
    for (const std::size_t batch : kBatches)
      if (engine.is_available(path))
        costs[std::string(path_name(path))][std::to_string(batch)] =
            std::round(10 * ns_per_row(engine, table, batch, path, most_s)) / 10;
  return costs;
}

Costs measure(const FeatureMatrix& rows, unsigned trees, double most_s) {
  return measure_paths(grown(rows, trees).engine(), table_of(rows), most_s);
}

/// What it costs to say why, in µs a row: by path contributions, by TreeSHAP.
Costs explain_costs(const Forest& forest, const RowTable& table, double most_s) {
  constexpr std::size_t kExplained = 1000;
  const auto rows = table.values.first(kExplained * table.columns);
  std::vector<double> parts(rows.size());
  const TreeShap shap(forest.view());
  const auto us_per_row = [&](const std::function<void()>& explain) {
    return std::round(100 * least_s(most_s, explain) * 1e6 / kExplained) / 100;
  };
  return {{"path", us_per_row([&] { forest.contributions(rows, parts); })},
          {"shap", us_per_row([&] { shap.explain(rows, parts); })}};
}

double milliseconds(double seconds) { return std::round(seconds * 1e5) / 100; }

/// Another seed each time: the rows that a tree draws would else be in the cache already.
double train_ms(const RowTable& table, unsigned trees, double most_s) {
  std::uint64_t seed = 0;
  return milliseconds(least_s(most_s, [&] { grow_forest(table, {trees, kSamples, ++seed}); }));
}

/// From the bytes of a file to a forest that can score.
double load_ms(const std::string& path, double most_s) {
  return milliseconds(least_s(most_s, [&] {
    if (!ColumnForest::load(path)) throw std::runtime_error(path + ": does not load");
  }));
}

double wall_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// How many times as fast two threads are as one, each with half of the rows, by the clock on the wall. The best of several.
double two_threads_gain(const DepthEngine& engine, const RowTable& table) {
  std::vector<double> sums(table.rows());
  const auto score = [&](std::size_t begin, std::size_t count) {
    engine.sum(table.values.subspan(begin * table.columns, count * table.columns), std::span(sums).subspan(begin, count));
  };
  double one = HUGE_VAL, two = HUGE_VAL;
  for (int i = 0; i < 20; ++i) {
    double before = wall_s();
    score(0, sums.size());
    one = std::min(one, wall_s() - before);
    before = wall_s();
    {
      const std::jthread other([&] { score(0, sums.size() / 2); });
      score(sums.size() / 2, sums.size() - sums.size() / 2);
    }
    two = std::min(two, wall_s() - before);
  }
  return std::round(100 * one / two) / 100;
}

template <class T>
std::vector<T> read_array(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw std::runtime_error(path + ": cannot be read");
  std::vector<T> values(static_cast<std::size_t>(file.tellg()) / sizeof(T));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
  return values;
}

/// By path, the number of rows whose sum is not the very same.
Costs count_differences(const DepthEngine& engine, const RowTable& table, const std::vector<double>& expected) {
  Costs differences;
  std::vector<double> sums(table.rows());
  for (const DepthPath path : kPaths) {
    if (!engine.is_available(path)) continue;
    engine.sum(table.values, sums, path);
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < sums.size(); ++i) count += sums[i] != expected.at(i);
    differences[std::string(path_name(path))] = count;
  }
  return differences;
}

/// 100 trees, from a million rows if there are such.
Costs train_on(const std::string& folder) {
  const std::string path = folder + "/training.f32";
  if (!std::ifstream(path)) return nullptr;
  const std::vector<float> values = read_array<float>(path);
  return train_ms({values, kFeatureCount}, 100, 1);
}

void measure_on(const std::string& folder) {
  const auto loaded = ColumnForest::load(folder + "/model.weir");
  if (!loaded) throw std::runtime_error(loaded.error().what);
  const std::vector<float> values = read_array<float>(folder + "/rows.f32");
  const RowTable table{values, static_cast<std::uint32_t>(loaded->columns().size())};
  if (table.rows() < kRows) throw std::runtime_error(folder + "/rows.f32: too few rows");
  const DepthEngine& engine = loaded->forest().engine();
  const Costs out = {{"ns_per_row", measure_paths(engine, table, 0.3)},
                     {"explain_us_per_row", explain_costs(loaded->forest(), table, 0.3)},
                     {"train_ms", train_on(folder)},
                     {"load_ms", load_ms(folder + "/model.weir", 0.2)},
                     {"two_threads_gain", two_threads_gain(engine, table)},
                     {"rows", table.rows()},
                     {"differences", count_differences(engine, table, read_array<double>(folder + "/depths.f64"))}};
  std::puts(out.dump().c_str());
}

void print(unsigned trees, const Costs& costs) {
  std::printf("ns a row, %4u trees:", trees);
  for (const std::size_t batch : kBatches) std::printf(" %9zu", batch);
  std::puts(" at once");
  for (const auto& [path, of_batch] : costs.items()) {
    std::printf("%20s:", path.c_str());
    for (const auto& [batch, ns] : of_batch.items()) std::printf(" %9.1f", ns.get<double>());
    std::puts("");
  }
}

void explain_all(const FeatureMatrix& rows, bool json, Costs& all) {
  for (const unsigned trees : {100U, 300U}) {
    const Costs costs = explain_costs(grown(rows, trees), table_of(rows), 0.3);
    all["explain_us_per_row"][std::to_string(trees)] = costs;
    if (!json)
      std::printf("us a row to explain, %u trees: path %.2f, shap %.2f\n", trees, costs["path"].get<double>(),
                  costs["shap"].get<double>());
  }
}

void measure_all(bool json) {
  const FeatureMatrix rows = traffic_rows();
  Costs all;
  for (const unsigned trees : {100U, 300U, 1000U}) {
    const Costs costs = measure(rows, trees, 0.3);
    json ? void(all["ns_per_row"][std::to_string(trees)] = costs) : print(trees, costs);
  }
  explain_all(rows, json, all);
  if (json) std::puts(all.dump().c_str());
}

/// A path's cost by that of the plain walk.
Ratios ratios_of(const Costs& costs) {
  Ratios ratios;
  for (const auto& [path, of_batch] : costs.items())
    if (path != "walk") ratios[path] = of_batch.at("1000").get<double>() / costs.at("walk").at("1000").get<double>();
  return ratios;
}

/// The worst of several, so that a loud machine does not record what a quiet one cannot hold.
Ratios worst_ratios(const FeatureMatrix& rows) {
  Ratios worst;
  for (int i = 0; i < 3; ++i)
    for (const auto& [path, ratio] : ratios_of(measure(rows, 100, 0.1))) worst[path] = std::max(worst[path], ratio);
  return worst;
}

/// Processors differ far more in vector instructions than in anything else that is guarded: only the same one compares.
bool keeps_its_lead(const FeatureMatrix& rows) {
  const RatioBook book(WEIR_BENCH_RATIOS);
  if (!book.is_recorded_here("forest")) {
    std::puts("no ratios of this processor in ratios.json: nothing compared");
    return true;
  }
  for (int attempt = 0; attempt < 3; ++attempt)
    if (book.holds("forest", ratios_of(measure(rows, 100, 0.1)))) return true;
  return false;
}

int run_benchmark(const std::string& mode) {
  if (mode == "--check") return keeps_its_lead(traffic_rows()) ? 0 : 1;
  if (mode == "--record")
    RatioBook(WEIR_BENCH_RATIOS).record("forest", worst_ratios(traffic_rows()));
  else
    measure_all(mode == "--json");
  return 0;
}

}  // namespace
}  // namespace weir::test

int main(int count, char** arguments) try {
  const std::string mode = count > 1 ? arguments[1] : "";
  if (count == 3 && mode == "--on") return weir::test::measure_on(arguments[2]), 0;
  if (count > 2 || (!mode.empty() && mode != "--json" && mode != "--check" && mode != "--record")) {
    std::fputs("usage: forest_bench [--json], or --on DIR or --check or --record\n", stderr);
    return 2;
  }
  return weir::test::run_benchmark(mode);
} catch (const std::exception& error) {
  std::fprintf(stderr, "forest_bench: %s\n", error.what());
  return 1;
}
