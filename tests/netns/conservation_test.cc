#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <thread>

#include "netns/live_sender.h"
#include "netns/socket_sender.h"
#include "sensor/departures.h"
#include "sensor/flow_meter.h"
#include "sensor/interface.h"
#include "sensor/table_reader.h"
#include "sensor/table_share.h"
#include "sensor/table_size.h"
#include "support/private_network.h"

namespace weir::test {
namespace {

constexpr auto kBetweenFlips = std::chrono::milliseconds(20);
constexpr int kLeastFlips = 40;
constexpr std::uint64_t kMostPacketsOfASender = 50'000'000;
constexpr TableSize kFarTooSmall{.sets4 = 16, .sets6 = 8, .host_sets = 4, .filter_words = 16};

/// WEIR_TEST_PACKETS asks for fewer, where the CPUs are emulated. The flips stay as many.
std::uint64_t least_packets() {
  const char* fewer = std::getenv("WEIR_TEST_PACKETS");
  return fewer != nullptr ? std::stoull(fewer) : 4'000'000;
}

/// The law: packets seen = flows (stash included) + overflow + not decoded, in every generation, while two CPUs receive and
/// generations flip; and what was seen is what the senders sent and what the device counted.
class Conservation : public PrivateNetworkTest {
 protected:
  void SetUp() override {
    PrivateNetworkTest::SetUp();
    if (!IsSkipped() && !HasFatalFailure()) make_veth("va", "vb", 2);
  }

  /// `departing_flows`: what leaves vb meanwhile, if anything, on the same CPUs and into the same tables.
  void send_and_count(const Traffic& traffic, const TableSize& size, unsigned departing_flows = 0) {
    auto meter = FlowMeter::load({.size = size});
    ASSERT_TRUE(meter) << meter.error().what;
    auto attachment = attach(*meter, "vb", XdpMode::kNative);
    ASSERT_TRUE(attachment) << attachment.error().what;
    if (departing_flows != 0) {
      const auto leaving = watch_departures(*meter, 0, EgressMode::kAuto, InterfaceRole::kNone, 1, *attachment);
      ASSERT_TRUE(leaving) << leaving.error().what;
      departing_.emplace("vb", departing_flows);
    }
    LiveSender sender("va", traffic);
    int after_the_last_packet = 0;
    while (after_the_last_packet < 2 && !HasFailure()) {  // twice, so that both generations are read
      if (flips_ >= kLeastFlips && sender.packets() >= least_packets_) sender.stop();
      if (departing_ && sender.is_done()) departing_->stop(), departing_->join();
      after_the_last_packet += sender.is_done();
      std::this_thread::sleep_for(kBetweenFlips);
      drain(*meter);
    }
    sender.join();
    compare_with(sender);
  }

  const Totals& totals() const { return totals_; }

 private:
  void drain(FlowMeter& meter) {
    const auto quiet = meter.flip();
    ASSERT_TRUE(quiet) << quiet.error().what;
    tick_.clear();
    drain_generation(meter.tables(), *quiet, StampClock(0, 0), tick_);
    expect_law();
    std::vector<weir_sample> samples;
    meter.take_samples(samples);
    samples_ += samples.size();
    totals_ += tick_.totals;
    for (const FlowRecord& f : tick_.flows) left_in_flows_ += is_leaving(f.key.origin) ? f.packets : 0;
    ++flips_;
    shares_.learn(tick_.cpus);
    assign_shares(meter.tables(), *quiet & 1, shares_.weights(1000));
  }

  void expect_law() const {
    const Totals& t = tick_.totals;
    EXPECT_TRUE(t.is_conserved()) << "flip " << flips_ << ": " << t.seen_packets << " seen, " << t.flow_packets
                                  << " in flows, " << t.overflow_packets << " overflow, " << t.all_undecoded_packets()
                                  << " not decoded";
    const auto in_records = std::accumulate(tick_.overflow_hosts.begin(), tick_.overflow_hosts.end(), std::uint64_t{0},
                                            [](std::uint64_t sum, const OverflowHost& h) { return sum + h.packets; });
    EXPECT_EQ(in_records + t.overflow_without_host, 2 * t.overflow_packets) << "flip " << flips_;
    const auto without_flow =
        std::accumulate(tick_.overflow_protocols.begin(), tick_.overflow_protocols.end(), std::uint64_t{0});
    EXPECT_EQ(without_flow, t.overflow_packets) << "flip " << flips_;
  }

  void compare_with(const LiveSender& sender) const {
    const DeviceCounts in = read_device("vb"), out = read_device("va");
    const std::uint64_t left_packets = departing_ ? departing_->packets() : 0,
                        left_bytes = departing_ ? departing_->bytes() : 0;
    const std::uint64_t arrived_packets = totals_.seen_packets - left_packets,
                        arrived_bytes = totals_.seen_bytes - left_bytes;
    EXPECT_EQ(arrived_packets, in.received_packets);
    EXPECT_EQ(arrived_bytes, in.received_bytes);
    EXPECT_EQ(arrived_packets, out.sent_packets);
    EXPECT_EQ(arrived_packets + out.refused_packets, sender.packets());
    if (out.refused_packets == 0) {  // else nobody knows which frames the full ring refused
      EXPECT_EQ(arrived_bytes, sender.bytes());
    }
    if (totals_.overflow_packets == 0) {
      EXPECT_EQ(left_in_flows_, left_packets);
    }
    if (departing_) {
      EXPECT_GT(left_packets, least_packets_ / 40);
    }
    EXPECT_LE(totals_.undecoded_packets[WEIR_ARP], sender.not_ip());
    EXPECT_GE(totals_.undecoded_packets[WEIR_ARP] + out.refused_packets, sender.not_ip());
    EXPECT_GE(flips_, kLeastFlips);
    EXPECT_GE(arrived_packets + out.refused_packets, least_packets_);
    EXPECT_GT(totals_.stash_packets, 0u) << "no flip met a waiting batch: they were not under way";
    EXPECT_EQ(samples_, totals_.samples_sent);
    std::cout << totals_.seen_packets << " packets (" << left_packets << " left, " << out.refused_packets
              << " refused by the ring), " << flips_ << " flips, " << totals_.flow_records << " records, "
              << totals_.stash_packets << " from the stash, " << totals_.overflow_packets << " overflow, "
              << totals_.all_undecoded_packets() << " not decoded\n";
  }

  const std::uint64_t least_packets_ = least_packets();
  Snapshot tick_;
  Totals totals_;
  TableShares shares_{FlowMeter::possible_cpus().value(), online_cpus()};
  std::optional<SocketSender> departing_;
  std::uint64_t left_in_flows_ = 0;
  std::uint64_t samples_ = 0;
  int flips_ = 0;
};

TEST_F(Conservation, HoldsWhereAllFlowsFit) {
  send_and_count({.flows = 1024, .packets = kMostPacketsOfASender}, size_tables(65536));
  EXPECT_EQ(totals().overflow_packets, 0u);
  EXPECT_GT(totals().undecoded_packets[WEIR_SHORT_L3] + totals().undecoded_packets[WEIR_SHORT_L4], 0u);
}

TEST_F(Conservation, HoldsWithManyFlows) {
  send_and_count({.flows = 65536, .packets = kMostPacketsOfASender}, size_tables(65536));
}

TEST_F(Conservation, HoldsWithTablesFarTooSmall) {
  send_and_count({.flows = 262144, .packets = kMostPacketsOfASender}, kFarTooSmall);
  EXPECT_GT(totals().overflow_packets, totals().flow_packets);
}

TEST_F(Conservation, HoldsWhereEveryPacketIsANewFlow) {
  send_and_count({.every_packet_new = true, .packets = kMostPacketsOfASender}, size_tables(65536));
}

TEST_F(Conservation, HoldsWhereEveryPacketIsANewFlowAndTablesAreFarTooSmall) {
  send_and_count({.every_packet_new = true, .packets = kMostPacketsOfASender}, kFarTooSmall);
  EXPECT_GT(totals().overflow_packets, totals().flow_packets);
}

TEST_F(Conservation, HoldsWhilePacketsLeaveOnTheSameCpus) {
  send_and_count({.flows = 1024, .packets = kMostPacketsOfASender}, size_tables(65536), 1024);
  EXPECT_EQ(totals().overflow_packets, 0u);
}

TEST_F(Conservation, HoldsWhilePacketsLeaveAndTablesAreFarTooSmall) {
  send_and_count({.every_packet_new = true, .packets = kMostPacketsOfASender}, kFarTooSmall, 65536);
  EXPECT_GT(totals().overflow_packets, totals().flow_packets);
}

}  // namespace
}  // namespace weir::test
