// Nanoseconds of CPU time per packet, by BPF_PROG_TEST_RUN: the product's program, an empty one, and the usual design, in
// turn within one process, so that a noisy machine disturbs all alike. The minimum of several tries counts.
//   dataplane_bench [--json] [CASE...]   all cases, or those named; a minute
//   dataplane_bench --check    fails if a ratio to the usual design is a quarter worse than recorded, six times in a row
//   dataplane_bench --record   notes the ratios of this machine in ratios.json
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <exception>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "bench/ratios.h"
#include "bench/subjects.h"
#include "support/private_network.h"

namespace weir::test {
namespace {

constexpr int kPacketsOfATry = 100'000;
constexpr int kSkipped = 77;
constexpr int kAttempts = 6;  // a shared machine disturbs single measurements: one good one of these is enough

constexpr Case kCases[] = {
    {"v4_1", false, 1, false, 11},        {"v4_1k", false, 1 << 10, false, 11}, {"v4_64k", false, 1 << 16, false, 11},
    {"v4_1m", false, 1 << 20, false, 5},  {"v4_new", false, 1, true, 11},       {"v6_1k", true, 1 << 10, false, 11},
    {"v6_64k", true, 1 << 16, false, 11},
};
constexpr Case kGuarded[] = {{"v4_1k", false, 1 << 10, false, 15},
                             {"v4_64k", false, 1 << 16, false, 15},
                             {"v4_new", false, 1, true, 15},
                             {"v6_1k", true, 1 << 10, false, 15}};

using Costs = std::array<double, Subjects::kKinds>;

Costs measure(const Case& what) {
  Subjects subjects(what);
  subjects.warm_up();
  Costs best;
  best.fill(std::numeric_limits<double>::max());
  for (int i = 0; i < what.tries; ++i)
    for (int kind = 0; kind < Subjects::kKinds; ++kind) {
      if (kind == Subjects::kConventionalFull && !what.every_packet_new) continue;
      double& known = best[static_cast<std::size_t>(kind)];
      known = std::min(known, subjects.measure(static_cast<Subjects::Kind>(kind), kPacketsOfATry));
    }
  return best;
}

bool are_cases(const std::set<std::string>& names) {
  return std::all_of(names.begin(), names.end(), [](const std::string& name) {
    return std::any_of(std::begin(kCases), std::end(kCases), [&](const Case& c) { return name == c.name; });
  });
}

/// The product's cost over the empty program, as a share of the usual design's.
double ratio_of(const Costs& c) {
  return (c[Subjects::kWeir] - c[Subjects::kEmpty]) / (c[Subjects::kConventional] - c[Subjects::kEmpty]);
}

nlohmann::ordered_json to_json(const Case& what, const Costs& c) {
  const auto rounded = [](double ns) { return std::round(ns * 10) / 10; };
  nlohmann::ordered_json out = {{"empty_direct_ns", rounded(c[Subjects::kEmptyDirect])},
                                {"empty_ns", rounded(c[Subjects::kEmpty])},
                                {"conventional_ns", rounded(c[Subjects::kConventional])},
                                {"weir_ns", rounded(c[Subjects::kWeir])}};
  if (what.every_packet_new) out["conventional_full_ns"] = rounded(c[Subjects::kConventionalFull]);
  return out;
}

void print_row(const Case& what, const Costs& c) {
  const double empty = c[Subjects::kEmpty], weir = c[Subjects::kWeir] - empty, usual = c[Subjects::kConventional] - empty;
  std::printf("%-8s %7.1f %7.1f %13.1f %7.1f   %+13.1f %+7.1f  x %.1f\n", what.name, c[Subjects::kEmptyDirect], empty,
              c[Subjects::kConventional], c[Subjects::kWeir], usual, weir, usual / weir);
  if (what.every_packet_new) std::printf("%-8s %29.1f   with its maps full\n", "", c[Subjects::kConventionalFull]);
  std::fflush(stdout);
}

/// `only`: the cases to measure; empty: all.
void measure_all(bool json, const std::set<std::string>& only) {
  nlohmann::ordered_json cases;
  if (!json) std::puts("ns       direct   empty  conventional    weir   over empty: usual    weir  ratio");
  for (const Case& what : kCases) {
    if (!only.empty() && only.count(what.name) == 0) continue;
    const Costs costs = measure(what);
    json ? void(cases[what.name] = to_json(what, costs)) : print_row(what, costs);
  }
  if (json) std::puts(nlohmann::ordered_json{{"cases", cases}}.dump().c_str());
}

bool is_within_bound(const RatioBook& book, const Case& what) {
  for (int attempt = 0; attempt < kAttempts; ++attempt)
    if (book.holds("dataplane", {{what.name, ratio_of(measure(what))}})) return true;
  return false;
}

/// The median of three: the guard takes the best of several attempts, so the record needs no luck.
Ratios measure_guarded() {
  Ratios ratios;
  for (const Case& what : kGuarded) {
    std::array<double, 3> three{};
    for (double& ratio : three) ratio = ratio_of(measure(what));
    std::sort(three.begin(), three.end());
    ratios[what.name] = three[1];
  }
  return ratios;
}

int run_benchmark(const std::string& argument, const std::set<std::string>& only) {
  if (!is_root()) {
    std::fputs("SKIP: needs root, to load BPF programs\n", stderr);
    return kSkipped;
  }
  pin_to_cpu(static_cast<int>(std::thread::hardware_concurrency()) - 1);
  if (argument != "--check" && argument != "--record") return measure_all(argument == "--json", only), 0;
  RatioBook book(WEIR_BENCH_RATIOS);
  if (argument == "--record") return book.record("dataplane", measure_guarded()), 0;
  bool all = true;
  for (const Case& what : kGuarded) all = is_within_bound(book, what) && all;
  return all ? 0 : 1;
}

}  // namespace
}  // namespace weir::test

int main(int count, char** arguments) try {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  const bool has_mode = !words.empty() && words[0].starts_with("--");
  const std::string mode = has_mode ? words[0] : "";
  const std::set<std::string> only(words.begin() + has_mode, words.end());
  if ((has_mode && mode != "--json" && mode != "--check" && mode != "--record") || !weir::test::are_cases(only)) {
    std::fputs("usage: dataplane_bench [--json] [CASE...], or --check or --record; cases as in the table\n", stderr);
    return 2;
  }
  return weir::test::run_benchmark(mode, only);
} catch (const std::exception& error) {
  std::fprintf(stderr, "dataplane_bench: %s\n", error.what());
  return 1;
}
