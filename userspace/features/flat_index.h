#pragma once

#include <cstdint>
#include <vector>

#include "base/ip_address.h"

namespace weir {

/// Numbers keys 0, 1, 2, ... in the order in which they first come, up to a limit. Keys are plain bytes without padding;
/// the hash is seeded, so that nobody outside can choose keys that collide. Keeps its memory when cleared.
template <class Key>
class FlatIndex {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  FlatIndex(std::uint32_t limit, std::uint64_t seed) : limit_(limit), seed_(seed), places_(kFirstPlaces, 0) {}

  std::uint32_t find(const Key& key) const {
    const std::uint32_t number = places_[place_of(key)];
    return number == 0 ? kNone : number - 1;
  }

  /// kNone once `limit` keys are in and this is not one of them.
  std::uint32_t find_or_add(const Key& key) {
    std::size_t place = place_of(key);
    if (places_[place] != 0) return places_[place] - 1;
    if (keys_.size() == limit_) return kNone;
    if (2 * (keys_.size() + 1) > places_.size()) {
      grow();
      place = place_of(key);
    }
    keys_.push_back(key);
    places_[place] = static_cast<std::uint32_t>(keys_.size());
    return places_[place] - 1;
  }

  std::size_t size() const { return keys_.size(); }
  const Key& key(std::uint32_t number) const { return keys_[number]; }

  void clear() {
    keys_.clear();
    places_.assign(places_.size(), 0);
  }

 private:
  static constexpr std::size_t kFirstPlaces = 1024;

  /// The place that holds `key`, or the empty one where it belongs. At most half of the places are taken.
  std::size_t place_of(const Key& key) const {
    const std::size_t mask = places_.size() - 1;
    std::size_t place = hash_bytes(&key, sizeof key, seed_) & mask;
    while (places_[place] != 0 && keys_[places_[place] - 1] != key) place = (place + 1) & mask;
    return place;
  }

  void grow() {
    places_.assign(places_.size() * 2, 0);
    for (std::uint32_t i = 0; i < keys_.size(); ++i) places_[place_of_new(keys_[i])] = i + 1;
  }

  std::size_t place_of_new(const Key& key) const {
    const std::size_t mask = places_.size() - 1;
    std::size_t place = hash_bytes(&key, sizeof key, seed_) & mask;
    while (places_[place] != 0) place = (place + 1) & mask;
    return place;
  }

  std::uint32_t limit_;
  std::uint64_t seed_;
  std::vector<Key> keys_;
  std::vector<std::uint32_t> places_;  // number + 1; 0 = empty
};

}  // namespace weir
