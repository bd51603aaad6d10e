#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

namespace weir {

/// The 64-bit word at 8 * `index`. Word by word: wider loads of a key that was written in pieces wait for the cache.
inline std::uint64_t load_word(const void* at, std::size_t index) {
  std::uint64_t word = 0;
  std::memcpy(&word, static_cast<const char*>(at) + 8 * index, sizeof word);
  return word;
}

/// Hash of a fixed number of 64-bit words under a secret seed. Each pair of words is multiplied by itself, so the products
/// do not wait for each other (a chain of multiplications costs three times as much for a flow key); each word has a key of
/// its own, so nobody who does not know the seed can name two keys that collide.
template <std::size_t kWords>
class WordHash {
 public:
  explicit WordHash(std::uint64_t seed) {
    for (std::uint64_t& key : keys_) key = next_key(seed);
  }

  /// `bytes`: 8 * kWords of them.
  std::uint32_t operator()(const void* bytes) const {
    const std::uint64_t sum = sum_of_pairs(bytes, std::make_index_sequence<kPairs>());
    return static_cast<std::uint32_t>(sum ^ sum >> 32);
  }

 private:
  static constexpr std::size_t kPairs = (kWords + 1) / 2;

  template <std::size_t... kPair>
  std::uint64_t sum_of_pairs(const void* bytes, std::index_sequence<kPair...>) const {
    return (multiply(keyed<2 * kPair>(bytes), keyed<2 * kPair + 1>(bytes)) + ...);
  }

  template <std::size_t kWord>
  std::uint64_t keyed(const void* bytes) const {
    return (kWord < kWords ? load_word(bytes, kWord) : 0) ^ keys_[kWord];
  }

  static std::uint64_t multiply(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = Wide{a} * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }

  /// SplitMix64 (Steele, Lea, Flood 2014).
  static std::uint64_t next_key(std::uint64_t& state) {
    state += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
    return z ^ z >> 31;
  }

  std::array<std::uint64_t, kPairs * 2> keys_;
};

}  // namespace weir
