#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "features/large_table.h"
#include "features/word_hash.h"

namespace weir {

/// Compares whole words: of so few bytes a call of memcmp would cost more than the comparison.
template <class Key>
bool equal_words(const Key& a, const Key& b) {
  std::uint64_t different = 0;
  for (std::size_t i = 0; i < sizeof(Key) / 8; ++i) different |= load_word(&a, i) ^ load_word(&b, i);
  return different == 0;
}

/// What a FlatIndex holds with a key when that is nothing.
struct NoValue {};

/// Numbers keys 0, 1, 2, ... in the order in which they first come, up to a limit, and holds a value with each. Keys are
/// plain bytes without padding; the hash is seeded, so that nobody outside can choose keys that collide. Keeps its memory
/// when cleared.
///
/// A table far larger than the caches costs one miss after another. Who knows many keys ahead takes the hash of each, lets
/// prefetch_place, then prefetch_entry run over all of them, and looks up then: the misses overlap.
template <class Key, class Value = NoValue>
class FlatIndex {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  using Hash = std::uint32_t;

  FlatIndex(std::uint32_t limit, std::uint64_t seed) : limit_(limit), hash_(seed), places_(kFirstPlaces) {}

  /// To be handed to the functions below, so that it is computed once.
  Hash hash_of(const Key& key) const { return hash_(&key); }

  void prefetch_place(Hash hash) const { __builtin_prefetch(&places_[hash & (places_.size() - 1)]); }
  /// The number that `hash` most likely leads to, its entry being fetched; kNone if there is none.
  std::uint32_t prefetch_entry(Hash hash) const;

  std::uint32_t find(const Key& key) const { return find(key, hash_of(key)); }
  std::uint32_t find(const Key& key, Hash hash) const { return places_[place_of(key, hash)].number - 1; }

  /// kNone once `limit` keys are in and this is not one of them.
  std::uint32_t find_or_add(const Key& key) { return find_or_add(key, hash_of(key)); }
  std::uint32_t find_or_add(const Key& key, Hash hash);

  std::size_t size() const { return entries_.size(); }
  const Key& key(std::uint32_t number) const { return entries_[number].key; }
  Value& value(std::uint32_t number) { return entries_[number].value; }
  const Value& value(std::uint32_t number) const { return entries_[number].value; }

  void clear() {
    entries_.clear();
    places_.assign(places_.size(), Place());
  }

 private:
  static_assert(sizeof(Key) % 8 == 0 && std::has_unique_object_representations_v<Key>);
  static constexpr std::size_t kFirstPlaces = 1024;

  struct Place {
    std::uint32_t number = 0;  // + 1; 0 = empty
    Hash hash = 0;             // whole, so that hardly any other key is ever looked at
  };
  struct Entry {
    Key key;
    [[no_unique_address]] Value value;
  };

  /// The place that holds `key`, or the empty one where it belongs. At most half of the places are taken.
  std::size_t place_of(const Key& key, Hash hash) const;
  void grow();

  std::uint32_t limit_;
  WordHash<sizeof(Key) / 8> hash_;
  LargeTable<Entry> entries_;
  LargeTable<Place> places_;
};

template <class Key, class Value>
std::uint32_t FlatIndex<Key, Value>::prefetch_entry(Hash hash) const {
  const Place& place = places_[hash & (places_.size() - 1)];
  if (place.number == 0) return kNone;
  const auto* entry = reinterpret_cast<const char*>(&entries_[place.number - 1]);
  for (std::size_t line = 0; line < sizeof(Entry); line += 64) __builtin_prefetch(entry + line);
  return place.number - 1;
}

template <class Key, class Value>
std::uint32_t FlatIndex<Key, Value>::find_or_add(const Key& key, Hash hash) {
  std::size_t place = place_of(key, hash);
  if (places_[place].number != 0) return places_[place].number - 1;
  if (entries_.size() == limit_) return kNone;
  if (2 * (entries_.size() + 1) > places_.size()) {
    grow();
    place = place_of(key, hash);
  }
  entries_.push_back({key, {}});
  places_[place] = {static_cast<std::uint32_t>(entries_.size()), hash};
  return places_[place].number - 1;
}

template <class Key, class Value>
std::size_t FlatIndex<Key, Value>::place_of(const Key& key, Hash hash) const {
  const std::size_t mask = places_.size() - 1;
  std::size_t place = hash & mask;
  for (; places_[place].number != 0; place = (place + 1) & mask)
    if (places_[place].hash == hash && equal_words(entries_[places_[place].number - 1].key, key)) break;
  return place;
}

template <class Key, class Value>
void FlatIndex<Key, Value>::grow() {
  LargeTable<Place> before(places_.size() * 2);
  before.swap(places_);
  const std::size_t mask = places_.size() - 1;
  for (const Place& old : before) {
    if (old.number == 0) continue;
    std::size_t place = old.hash & mask;
    while (places_[place].number != 0) place = (place + 1) & mask;
    places_[place] = old;
  }
}

}  // namespace weir
