#pragma once

#include <cstdint>
#include <random>

#include "support/packet_builder.h"

namespace weir::test {

/// Frames of every shape that the parser knows, some damaged: the same sequence for the same seed.
class RandomFrames {
 public:
  explicit RandomFrames(std::uint64_t seed) : random_(seed) {}

  /// At least 14 bytes: what an Ethernet device delivers, and what BPF_PROG_TEST_RUN takes.
  Bytes next();
  /// 0 <= result < below.
  std::size_t pick(std::size_t below) { return random_() % below; }

 private:
  bool one_in(std::size_t n) { return pick(n) == 0; }
  /// Mostly one of the first few: packets of one flow, and flows that differ little.
  std::size_t pick_near(std::size_t below) { return pick(one_in(3) ? below : 3); }
  void add_link(PacketBuilder& b);
  void add_tags(PacketBuilder& b);
  void add_labels(PacketBuilder& b);
  void add_tunnel(PacketBuilder& b);
  void add_ip(PacketBuilder& b);
  void add_ip4(PacketBuilder& b);
  void add_ip6(PacketBuilder& b);
  void add_transport(PacketBuilder& b);
  void damage(Bytes& frame);

  std::mt19937_64 random_;
};

}  // namespace weir::test
