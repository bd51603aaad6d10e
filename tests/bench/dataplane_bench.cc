// Nanoseconds of CPU time per packet, by BPF_PROG_TEST_RUN: the product's program, an empty one, and the usual design, in
// turn within one process, so that a noisy machine disturbs all alike. The minimum of several tries counts.
//   dataplane_bench [--json]   all cases; some minutes
//   dataplane_bench --check    quick: fails if the product is slower than the usual design, three times in a row
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <exception>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "bench/subjects.h"
#include "support/private_network.h"

namespace weir::test {
namespace {

constexpr int kPacketsOfATry = 100'000;
constexpr int kSkipped = 77;

constexpr Case kCases[] = {
    {"v4_1", false, 1, false, 11},        {"v4_1k", false, 1 << 10, false, 11}, {"v4_64k", false, 1 << 16, false, 11},
    {"v4_1m", false, 1 << 20, false, 5},  {"v4_new", false, 1, true, 11},       {"v6_1k", true, 1 << 10, false, 11},
    {"v6_64k", true, 1 << 16, false, 11},
};
constexpr Case kQuickCases[] = {{"v4_1k", false, 1 << 10, false, 5}, {"v4_64k", false, 1 << 16, false, 5}};

using Costs = std::array<double, Subjects::kKinds>;

Costs measure(const Case& what) {
  Subjects subjects(what);
  subjects.warm_up();
  Costs best;
  best.fill(std::numeric_limits<double>::max());
  for (int i = 0; i < what.tries; ++i)
    for (int kind = 0; kind < Subjects::kKinds; ++kind) {
      double& known = best[static_cast<std::size_t>(kind)];
      known = std::min(known, subjects.measure(static_cast<Subjects::Kind>(kind), kPacketsOfATry));
    }
  return best;
}

nlohmann::ordered_json to_json(const Costs& c) {
  const auto rounded = [](double ns) { return std::round(ns * 10) / 10; };
  return {{"empty_direct_ns", rounded(c[Subjects::kEmptyDirect])},
          {"empty_ns", rounded(c[Subjects::kEmpty])},
          {"conventional_ns", rounded(c[Subjects::kConventional])},
          {"weir_ns", rounded(c[Subjects::kWeir])}};
}

void print_row(const Case& what, const Costs& c) {
  const double empty = c[Subjects::kEmpty], weir = c[Subjects::kWeir] - empty, usual = c[Subjects::kConventional] - empty;
  std::printf("%-8s %7.1f %7.1f %13.1f %7.1f   %+13.1f %+7.1f  x %.1f\n", what.name, c[Subjects::kEmptyDirect], empty,
              c[Subjects::kConventional], c[Subjects::kWeir], usual, weir, usual / weir);
  std::fflush(stdout);
}

void measure_all(bool json) {
  nlohmann::ordered_json cases;
  if (!json) std::puts("ns       direct   empty  conventional    weir   over empty: usual    weir  ratio");
  for (const Case& what : kCases) {
    const Costs costs = measure(what);
    json ? void(cases[what.name] = to_json(costs)) : print_row(what, costs);
  }
  if (json) std::puts(nlohmann::ordered_json{{"cases", cases}}.dump().c_str());
}

/// A shared machine disturbs a single measurement: one good attempt in three is enough, the difference being severalfold.
bool is_faster_than_the_usual() {
  for (int attempt = 0; attempt < 3; ++attempt) {
    bool faster = true;
    for (const Case& what : kQuickCases) {
      const Costs costs = measure(what);
      print_row(what, costs);
      faster = faster && costs[Subjects::kWeir] <= costs[Subjects::kConventional];
    }
    if (faster) return true;
  }
  return false;
}

int run_benchmark(const std::string& argument) {
  if (!is_root()) {
    std::fputs("SKIP: needs root, to load BPF programs\n", stderr);
    return kSkipped;
  }
  pin_to_cpu(static_cast<int>(std::thread::hardware_concurrency()) - 1);
  if (argument == "--check") return is_faster_than_the_usual() ? 0 : 1;
  measure_all(argument == "--json");
  return 0;
}

}  // namespace
}  // namespace weir::test

int main(int count, char** arguments) try {
  const std::string argument = count > 1 ? arguments[1] : "";
  if (count > 2 || (!argument.empty() && argument != "--json" && argument != "--check")) {
    std::fputs("usage: dataplane_bench [--json | --check]\n", stderr);
    return 2;
  }
  return weir::test::run_benchmark(argument);
} catch (const std::exception& error) {
  std::fprintf(stderr, "dataplane_bench: %s\n", error.what());
  return 1;
}
