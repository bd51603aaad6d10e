#pragma once

#include <cstdint>

#include "random.h"

namespace weir {

// Draws of the traffic model. Arithmetic only: log() and exp() may differ in the last bit from one C library, optimiser or
// CPU to the next, and the traffic would no longer be the same bytes on every build.

inline double between(Random& random, double low, double high) { return low + random.uniform() * (high - low); }

inline std::uint32_t between(Random& random, std::uint32_t low, std::uint32_t high) {
  return low + random.below(high - low + 1);
}

inline bool chance(Random& random, double probability) { return random.uniform() < probability; }

/// Each octave from `low` up is as likely as the next: sizes and rates that span orders of magnitude.
inline double octave(Random& random, double low, std::uint32_t octaves) {
  const double base = low * static_cast<double>(std::uint64_t{1} << random.below(octaves));
  return base * (1 + random.uniform());
}

/// Exponential with mean 1, by comparisons alone (von Neumann 1951): a descending run x >= y >= z ... that breaks at an even
/// place has probability exp(-x).
inline double exponential(Random& random) {
  for (double whole = 0;; ++whole) {
    const double first = random.uniform();
    double last = first;
    bool is_even = true;
    for (double next = random.uniform(); next <= last; next = random.uniform()) {
      last = next;
      is_even = !is_even;
    }
    if (is_even) return whole + first;
  }
}

template <class List>
const auto& pick(Random& random, const List& from) {
  return from[random.below(static_cast<std::uint32_t>(from.size()))];
}

}  // namespace weir
