#include "tail_scale.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>
#include <utility>

namespace weir {
namespace {

constexpr std::size_t kTailShare = 50;  // one in so many is tail
constexpr std::size_t kFewestInTail = 20;
constexpr double kLeastExcess = 1e-9;  // equal scores have none

}  // namespace

TailScale TailScale::of(const std::vector<double>& scores) {
  const std::size_t count = std::min(scores.size(), std::max(kFewestInTail, scores.size() / kTailShare));
  std::vector<double> top = scores;
  const auto end = top.begin() + static_cast<std::ptrdiff_t>(count);
  std::partial_sort(top.begin(), end, top.end(), std::greater<>());
  const double cut = top[count - 1], mean = std::accumulate(top.begin(), end, 0.0) / static_cast<double>(count);
  return {Survival::of(scores),
          {cut, -std::log10(static_cast<double>(count) / static_cast<double>(scores.size())),
           std::max(kLeastExcess, mean - cut) * std::numbers::ln10}};
}

TailScale::TailScale(Survival body, const Tail& tail) : body_(std::move(body)), tail_(tail) {}

double TailScale::surprise(double score) const {
  if (score > tail_.cut) return tail_.surprise_at_cut + (score - tail_.cut) / tail_.per_decade;
  return std::min(body_.surprise(score), tail_.surprise_at_cut);
}

void TailScale::to_surprises(std::span<double> scores) const {
  for (double& score : scores) score = surprise(score);
}

}  // namespace weir
