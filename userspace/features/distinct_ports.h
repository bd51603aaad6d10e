#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weir {

/// Counts the distinct ports of each host place: exactly, in memory that the number of pairs bounds, and in linear time
/// (sorting a million pairs took longer than all else at the end of a window). Keeps its memory when cleared.
class DistinctPorts {
 public:
  void add(std::uint32_t place, std::uint16_t port) { uses_.push_back({place, port}); }
  std::size_t size() const { return uses_.size(); }
  void clear() { uses_.clear(); }

  /// Distinct ports by place, for places 0..places-1; no other may have been added. Valid until the next call.
  const std::vector<std::uint32_t>& count(std::size_t places);

 private:
  struct Use {
    std::uint32_t place;
    std::uint16_t port;
  };

  void group(std::size_t places);
  std::uint32_t count_group(std::uint32_t first, std::uint32_t end);

  std::vector<Use> uses_;
  std::vector<std::uint32_t> bounds_;   // by place: where its ports begin in grouped_, then where the next one's do
  std::vector<std::uint16_t> grouped_;  // ports of place 0, of place 1, ...
  std::vector<std::uint32_t> counts_;
};

}  // namespace weir
