#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/ip_address.h"

namespace weir {

inline constexpr std::int64_t kMillisecond_ns = 1'000'000;
inline constexpr std::int64_t kSecond_ns = 1'000'000'000;

using MacAddress = std::array<std::uint8_t, 6>;

/// What payload looks like, which is what its entropy depends on.
enum class Payload : std::uint8_t { kText, kRandom, kTls, kDns, kPing, kBinary };

struct Machine {
  MacAddress mac{};
  IpAddress four, six;
  bool is_inside = false;
  bool has_six = true;

  const IpAddress& address(bool v6) const { return v6 ? six : four; }
};

/// What the frames of a conversation have in common. "Client" is who began.
struct Conversation {
  IpAddress client, server;
  MacAddress client_mac{}, server_mac{};
  std::uint16_t client_port = 0, server_port = 0;
  std::uint8_t protocol = 0;
  Payload payload = Payload::kText;
};

struct PlannedFrame {
  std::int64_t time_ns = 0;
  std::uint32_t conversation = 0;
  std::uint16_t payload_bytes = 0;
  bool from_server = false;
  std::uint8_t tcp_flags = 0;
};

/// All frames of a stretch of time, noted in any order; putting them in order and making bytes of them comes later.
class TrafficPlan {
 public:
  std::uint32_t begin(const Conversation& conversation);
  void add(const PlannedFrame& frame) { frames_.push_back(frame); }
  /// Orders by time; what was noted first goes first. Frames from `end_ns` on are dropped.
  void finish(std::int64_t end_ns);

  const std::vector<PlannedFrame>& frames() const { return frames_; }
  const Conversation& conversation(std::uint32_t number) const { return conversations_[number]; }

 private:
  std::vector<Conversation> conversations_;
  std::vector<PlannedFrame> frames_;
};

}  // namespace weir
