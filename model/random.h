#pragma once

#include <bit>
#include <cstdint>

namespace weir {

/// xoshiro256** (Blackman, Vigna: Scrambled linear pseudorandom number generators, 2018), seeded by splitmix64.
/// The standard's engines are portable but its distributions are not: with these few lines a seed gives the same
/// forest and the same traffic under every standard library.
class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) {
    for (std::uint64_t& word : state_) word = splitmix(seed);
  }
  /// A stream of its own for each number, so that what one part draws does not depend on what others drew before.
  constexpr Random(std::uint64_t seed, std::uint64_t stream) : Random(splitmix(seed) ^ splitmix(stream)) {}

  constexpr std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// 0 .. n - 1, n > 0. Multiply and shift: some values are likelier than others by n / 2^32, far below what we can see.
  constexpr std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(((next() >> 32) * n) >> 32); }

  /// [0, 1), in steps of 2^-53.
  constexpr double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

 private:
  /// Moves `x` on and returns its next value.
  static constexpr std::uint64_t splitmix(std::uint64_t& x) {
    x += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = x;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

  std::uint64_t state_[4] = {};
};

}  // namespace weir
