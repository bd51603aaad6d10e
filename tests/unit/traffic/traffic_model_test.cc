#include "traffic_model.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <set>

#include "base/ip_address.h"

namespace weir {
namespace {

constexpr double kSeconds = 300;  // of the hour: enough to see everything, and quick under sanitizers

struct Survey {
  std::uint64_t frames = 0, hash = 14695981039346656037ULL;
  std::map<std::uint16_t, std::uint64_t> ethertypes;
  std::map<std::uint8_t, std::uint64_t> protocols;
  std::set<IpAddress> sources;
  bool in_order = true, in_time = true, lengths_agree = true;
};

std::uint16_t read16(const Packet& p, std::size_t at) {
  return static_cast<std::uint16_t>(p.data[at] << 8 | p.data[at + 1]);
}

/// Every frame checked against its own headers.
void look_at(const Packet& p, Survey& out) {
  const std::uint16_t type = read16(p, 12);
  const bool is_v4 = type == 0x0800;
  ++out.ethertypes[type];
  ++out.protocols[p.data[is_v4 ? 23 : 20]];
  std::uint32_t four = 0;
  std::memcpy(&four, p.data.data() + 26, sizeof four);
  out.sources.insert(is_v4 ? IpAddress::v4(four) : IpAddress::v6(p.data.data() + 22));
  const std::uint32_t length = is_v4 ? 14U + read16(p, 16) : 54U + read16(p, 18);
  out.lengths_agree = out.lengths_agree && length == p.wire_bytes && p.data.size() <= p.wire_bytes;
  const auto mix = [&](std::uint64_t value) { out.hash = (out.hash ^ value) * 1099511628211ULL; };
  mix(static_cast<std::uint64_t>(p.time_ns));
  mix(p.wire_bytes);
  for (const std::uint8_t byte : p.data) mix(byte);
}

Survey survey(std::uint64_t seed) {
  TrafficModel model(seed, kSeconds);
  Survey out;
  Packet packet;
  std::int64_t last_ns = TrafficModel::kStart_ns;
  while (model.next(packet).value()) {
    out.in_order = out.in_order && packet.time_ns >= last_ns;
    last_ns = packet.time_ns;
    ++out.frames;
    look_at(packet, out);
  }
  out.in_time = last_ns < TrafficModel::kStart_ns + static_cast<std::int64_t>(kSeconds) * kSecond_ns;
  return out;
}

TEST(TrafficModel, GivesSoundFramesInOrder) {
  const Survey office = survey(1);
  EXPECT_TRUE(office.in_order);
  EXPECT_TRUE(office.in_time);
  EXPECT_TRUE(office.lengths_agree);
  EXPECT_GT(office.frames, 10'000U);
}

TEST(TrafficModel, StaysSmallEnoughForABuild) {
  const std::size_t frames = TrafficModel(1).frames();
  EXPECT_GT(frames, 200'000U);
  EXPECT_LT(frames, 1'000'000U);
}

TEST(TrafficModel, HasBothFamiliesAndAllUsualProtocols) {
  const Survey office = survey(1);
  ASSERT_EQ(office.ethertypes.size(), 2U);
  EXPECT_GT(office.ethertypes.at(0x0800), 5000U);
  EXPECT_GT(office.ethertypes.at(0x86dd), 1000U);
  for (const int protocol : {1, 6, 17, 58})
    EXPECT_GT(office.protocols.at(static_cast<std::uint8_t>(protocol)), 50U) << protocol;
  EXPECT_GE(office.sources.size(), 60U);
  EXPECT_LE(office.sources.size(), 120U);
}

// One number for every compiler, build type and C library: a forest that is baked here is the forest that is baked there.
// Whoever changes the model of the traffic writes the new number down.
TEST(TrafficModel, IsTheSameBytesOnEveryBuild) { EXPECT_EQ(survey(1).hash, 8507678076066895029ULL); }

TEST(TrafficModel, FollowsItsSeed) { EXPECT_NE(survey(1).hash, survey(2).hash); }

}  // namespace
}  // namespace weir
