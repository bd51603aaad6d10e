#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <thread>

#include "netns/live_sender.h"
#include "sensor/live_source.h"
#include "support/private_network.h"

namespace weir::test {
namespace {

constexpr int kReplacements = 12;
constexpr std::uint64_t kMostPackets = 50'000'000;

/// Tables are exchanged for others while two CPUs receive at full speed: what both together counted is what the device did.
class ReplaceTables : public PrivateNetworkTest {
 protected:
  void SetUp() override {
    PrivateNetworkTest::SetUp();
    if (!IsSkipped() && !HasFatalFailure()) make_veth("va", "vb", 2);
  }

  static void read(LiveSource& live, Totals& sum) {
    Snapshot tick;
    ASSERT_TRUE(live.read_tick(tick));
    EXPECT_TRUE(tick.totals.is_conserved());
    sum += tick.totals;
  }
};

TEST_F(ReplaceTables, LosesNoPacketAndCountsNoneTwice) {
  auto live = LiveSource::start({.interfaces = {"vb"}, .flows = 65536, .egress = EgressMode::kOff});
  ASSERT_TRUE(live) << live.error().what;
  Totals sum;
  LiveSender sender("va", {.flows = 4096, .packets = kMostPackets});
  for (int i = 0; i < kReplacements; ++i) {
    const auto replaced = (*live)->replace_tables(i % 2 == 0 ? 1024 : 65536, 100);
    ASSERT_TRUE(replaced) << replaced.error().what;
    ASSERT_NO_FATAL_FAILURE(read(**live, sum));
  }
  sender.stop();
  sender.join();
  for (int i = 0; i < 2; ++i) ASSERT_NO_FATAL_FAILURE(read(**live, sum));
  const DeviceCounts device = read_device("vb");
  EXPECT_EQ(sum.seen_packets, device.received_packets);
  EXPECT_EQ(sum.seen_bytes, device.received_bytes);
  EXPECT_GT(sum.seen_packets, 1000u * kReplacements) << "they were not under way";
  std::cout << kReplacements << " replacements, " << sum.seen_packets << " packets\n";
}

TEST_F(ReplaceTables, BringsWhatTheOldOnesHoldWithTheNextTick) {
  auto live = LiveSource::start({.interfaces = {"vb"}, .flows = 65536, .egress = EgressMode::kOff});
  ASSERT_TRUE(live) << live.error().what;
  LiveSender sender("va", {.flows = 16, .packets = 10'000});
  sender.join();
  ASSERT_TRUE((*live)->replace_tables(1024, 100));
  EXPECT_FALSE((*live)->replace_tables(2048, 100)) << "their counts would be lost";
  Totals sum;
  ASSERT_NO_FATAL_FAILURE(read(**live, sum));
  EXPECT_EQ(sum.seen_packets, read_device("vb").received_packets);
  EXPECT_GT(sum.seen_packets, 0u);
}

/// An interface more or less each time, other tables each fourth time.
SensorOptions options_of(int reload) {
  SensorOptions out{.interfaces = {"vb"}, .flows = 65536, .egress = EgressMode::kOff};
  if (reload % 2 == 0) out.interfaces.emplace_back("vd");
  if (reload % 8 >= 4) out.flows = 1024;
  return out;
}

TEST_F(ReplaceTables, AHundredChangesOfTheOptionsLoseNoPacketOfWhatStays) {
  make_veth("vc", "vd");
  auto live = LiveSource::start(options_of(1));
  ASSERT_TRUE(live) << live.error().what;
  LiveSender sender("va", {.flows = 64, .packets = kMostPackets});
  Totals sum;
  for (int i = 0; i < 100; ++i) {
    ASSERT_NO_FATAL_FAILURE(read(**live, sum));
    const auto used = (*live)->use(options_of(i));
    ASSERT_TRUE(used) << i << ": " << used.error().what;
    ASSERT_EQ((*live)->watch().interfaces().size(), options_of(i).interfaces.size()) << i;
  }
  sender.stop();
  sender.join();
  for (int i = 0; i < 2; ++i) ASSERT_NO_FATAL_FAILURE(read(**live, sum));
  const DeviceCounts device = read_device("vb");  // nothing is sent to vd
  EXPECT_EQ(sum.seen_packets, device.received_packets);
  EXPECT_EQ(sum.seen_bytes, device.received_bytes);
  EXPECT_GT(sum.seen_packets, 100'000u) << "they were not under way";
}

TEST_F(ReplaceTables, WhatIsRefusedChangesNothing) {
  auto live = LiveSource::start(options_of(1));
  ASSERT_TRUE(live) << live.error().what;
  Totals sum;
  const auto refused = [&](SensorOptions options) {
    read(**live, sum);
    const auto used = (*live)->use(options);
    EXPECT_FALSE(used);
    EXPECT_EQ((*live)->watch().interfaces().size(), 1u);
    EXPECT_EQ((*live)->watch().interfaces().front().state, WatchState::kAttached);
    return used ? "" : used.error().what;
  };
  SensorOptions absent = options_of(1), twice = options_of(1), hook = options_of(1), taken = options_of(1);
  absent.interfaces = {"nowhere"};
  twice.interfaces = {"vb", "vb"};
  hook.xdp_mode = XdpMode::kTc;
  make_veth("vc", "vd");
  auto other = LiveSource::start({.interfaces = {"vd"}, .flows = 1024});
  ASSERT_TRUE(other) << other.error().what;
  taken.interfaces = {"vd"};
  taken.flows = 1024;
  EXPECT_NE(refused(absent).find("nowhere: no such interface"), std::string::npos);
  EXPECT_NE(refused(twice).find("named twice"), std::string::npos);
  EXPECT_NE(refused(hook).find("restart weir"), std::string::npos);
  EXPECT_NE(refused(taken).find("vd"), std::string::npos);
  LiveSender sender("va", {.flows = 16, .packets = 10'000});
  sender.join();
  for (int i = 0; i < 2; ++i) ASSERT_NO_FATAL_FAILURE(read(**live, sum));
  EXPECT_EQ(sum.seen_packets, read_device("vb").received_packets);
  EXPECT_GT(sum.seen_packets, 0u);
}

}  // namespace
}  // namespace weir::test
