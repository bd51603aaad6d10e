#include "depth_engine.h"

#include <cmath>

namespace weir {
namespace {

/// Fewer rows leave most of a register empty: measured, a register costs as much as 16 rows one by one.
constexpr std::size_t kFewestForVectors = 16;

bool has_instructions([[maybe_unused]] DepthPath path) {
#if defined(__x86_64__)
  if (path == DepthPath::kAvx2) return __builtin_cpu_supports("avx2");
  if (path == DepthPath::kAvx512)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vbmi");
#endif
  return path == DepthPath::kWalk || path == DepthPath::kPortable;
}

double walk(const ForestView& forest, const float* row) {
  double sum = 0;
  for (std::size_t node : forest.root) {
    while (!forest.is_leaf(node)) node = forest.child(node, row);
    sum += forest.value[node];
  }
  return sum;
}

}  // namespace

std::string_view path_name(DepthPath path) {
  constexpr std::string_view kNames[] = {"walk", "portable", "avx2", "avx512"};
  return kNames[static_cast<std::size_t>(path)];
}

DepthEngine::DepthEngine(const ForestView& forest) : forest_(forest), compact_(forest), rank_(build_rank_forest(forest)) {}

bool DepthEngine::is_available(DepthPath path) const {
  const bool is_vector = path == DepthPath::kAvx2 || path == DepthPath::kAvx512;
  return has_instructions(path) && (rank_ || !is_vector);
}

DepthPath DepthEngine::best_path(std::size_t rows) const {
  if (rows >= kFewestForVectors)
    for (const DepthPath path : {DepthPath::kAvx512, DepthPath::kAvx2})
      if (is_available(path)) return path;
  return DepthPath::kPortable;
}

void DepthEngine::sum(std::span<const float> rows, std::span<double> sums) const { sum(rows, sums, best_path(sums.size())); }

void DepthEngine::sum(std::span<const float> rows, std::span<double> sums, DepthPath path) const {
#if defined(__x86_64__)
  if (path == DepthPath::kAvx2) rank_sums_avx2(rank_->view(), rows.data(), sums.size(), sums.data());
  if (path == DepthPath::kAvx512) rank_sums_avx512(rank_->view(), rows.data(), sums.size(), sums.data());
#endif
  if (path == DepthPath::kPortable) compact_.sum(rows.data(), sums.size(), sums.data());
  // No leaf's value is NaN, so the row of such a sum holds one.
  for (std::size_t i = 0; i < sums.size(); ++i)
    if (path == DepthPath::kWalk || std::isnan(sums[i])) sums[i] = walk(forest_, rows.data() + i * forest_.columns);
}

}  // namespace weir
