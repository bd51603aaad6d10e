#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "features/flat_index.h"
#include "features/sign_figures.h"

namespace weir {

/// New conversations of one host with one service at a steady period, as malware calls home. Of each pair the last 32 gaps
/// are kept, of pairs at most 65,536: those not heard of for longest go first.
class Beacons {
 public:
  explicit Beacons(std::uint64_t seed) : recent_(kPairs, seed), older_(kPairs, seed) {}

  /// A conversation began. A beacon if the pair's gaps are steady: 9 of 10 within a fifth (or 50 ms) of their median, and
  /// that is a second or more; of calls at random one in seven is so near. Gaps below half a second count as one
  /// conversation: parallel connections, retries.
  std::optional<Beacon> add(const IpAddress& source, const IpAddress& destination, std::uint16_t port, std::uint8_t protocol,
                            std::int64_t time_ns);

 private:
  static constexpr std::uint32_t kPairs = 32768;  // in each of two generations
  static constexpr std::size_t kGaps = 32;

  struct Pair {
    IpAddress source, destination;
    std::uint64_t service = 0;  // protocol << 16 | port
    bool operator==(const Pair&) const = default;
  };
  struct Past {
    std::int64_t last_ns = 0;
    std::uint32_t gaps = 0;  // ever
    std::array<float, kGaps> gap_s{};
  };

  Past* past_of(const Pair& pair, std::int64_t time_ns);

  FlatIndex<Pair, Past> recent_, older_;
};

}  // namespace weir
