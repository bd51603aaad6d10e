#include "features/window_keeper.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/flow_records.h"

namespace weir {
namespace {

using namespace test;

class WindowKeeperTest : public ::testing::Test {
 protected:
  void add(int second, std::vector<FlowRecord> flows) { keeper_.add(tick(second, std::move(flows)), on_close_); }
  void finish() { keeper_.finish(on_close_); }

  const HostWindow& host(const std::string& address, Role role = Role::kSource, std::size_t window = 0) const {
    for (const HostWindow& h : closed_.at(window).hosts)
      if (h.host == ip(address) && h.role == role) return h;
    throw std::out_of_range("no window of " + address);
  }
  static double feature(const HostWindow& h, std::string_view name) {
    for (std::size_t i = 0; i < kFeatureCount; ++i)
      if (kFeatures[i].name == name) return h.features[i];
    throw std::out_of_range(std::string(name));
  }

  std::vector<ClosedWindow> closed_;
  WindowKeeper::OnClose on_close_ = [this](ClosedWindow& w) { closed_.push_back(w); };
  WindowOptions options_;
  WindowKeeper keeper_{options_};
};

TEST_F(WindowKeeperTest, ClosesWithTheTickThatReachesItsEnd) {
  add(8, {udp("10.0.0.1", "10.0.0.2", 53)});
  EXPECT_TRUE(closed_.empty());
  add(9, {});
  ASSERT_EQ(closed_.size(), 1u);
  EXPECT_EQ(closed_[0].start_ns, kStart);
  EXPECT_EQ(closed_[0].end_ns, kStart + 10 * kSecond);
  EXPECT_EQ(closed_[0].decided_ns, closed_[0].end_ns);
}

TEST_F(WindowKeeperTest, TakesOtherOptionsFromTheNextWindow) {
  add(0, {udp("203.0.113.1", "203.0.113.2", 9999)});
  WindowOptions other;
  other.home.push_back(*IpPrefix::parse("203.0.113.0/24"));
  other.common_ports = {9999};
  other.flows = 1024;
  other.hosts = 8;
  keeper_.use(other);
  add(1, {udp("203.0.113.1", "203.0.113.2", 9999)});
  add(10, {udp("203.0.113.1", "203.0.113.2", 9999)});
  finish();
  ASSERT_EQ(closed_.size(), 2u);
  EXPECT_EQ(host("203.0.113.1").packets, 2u);  // none went with the change
  EXPECT_FALSE(host("203.0.113.1").home);
  EXPECT_EQ(feature(host("203.0.113.1"), "uncommon_port_ratio"), 1);
  EXPECT_TRUE(host("203.0.113.1", Role::kSource, 1).home);
  EXPECT_EQ(feature(host("203.0.113.1", Role::kSource, 1), "uncommon_port_ratio"), 0);
}

TEST_F(WindowKeeperTest, ClosesBeforeATickOfAnotherWindow) {
  add(2, {udp("10.0.0.1", "10.0.0.2", 53)});
  add(10'000, {udp("10.0.0.3", "10.0.0.2", 53)});
  add(3, {udp("10.0.0.4", "10.0.0.2", 53)});  // the clock was set back
  finish();
  ASSERT_EQ(closed_.size(), 3u);
  EXPECT_EQ(closed_[0].decided_ns, kStart + 3 * kSecond);
  EXPECT_EQ(host("10.0.0.3", Role::kSource, 1).packets, 1u);
  EXPECT_EQ(closed_[2].start_ns, kStart);
  EXPECT_EQ(closed_[2].hosts.size(), 2u);
}

TEST_F(WindowKeeperTest, SeesBothRolesButNoGroups) {
  add(0, {udp("10.0.0.1", "10.0.0.2", 53, 3), udp("10.0.0.1", "224.0.0.251", 5353, 2)});
  finish();
  EXPECT_EQ(closed_[0].hosts.size(), 2u);
  EXPECT_EQ(host("10.0.0.1").packets, 5u);
  EXPECT_EQ(host("10.0.0.2", Role::kDestination).packets, 3u);
}

TEST_F(WindowKeeperTest, JoinsAFlowAcrossTicksWithTheGapBetween) {
  // 3 packets at 0.0, 0.5, 1.5 s: gaps of 0.5 (inside the first record) and 1.0 (between the records)
  FlowRecord first = tcp("10.0.0.1", "10.0.0.2", 80, kAck, 2, 0.0, 0.5);
  first.sum_squared_gaps_s2 = 0.25;
  add(0, {first});
  add(1, {tcp("10.0.0.1", "10.0.0.2", 80, kAck, 1, 1.5)});
  finish();
  const HostWindow& h = host("10.0.0.1");
  EXPECT_NEAR(feature(h, "inter_arrival_mean"), 0.75, 1e-9);
  EXPECT_NEAR(feature(h, "inter_arrival_std"), 0.25, 1e-9);
  EXPECT_NEAR(feature(h, "session_duration"), 1.5, 1e-9);
  EXPECT_EQ(feature(h, "burst_rate"), 2);
}

TEST_F(WindowKeeperTest, RecordsOfTwoCpusMayOverlap) {
  FlowRecord a = tcp("10.0.0.1", "10.0.0.2", 80, kAck, 3, 0.0, 0.8), b = tcp("10.0.0.1", "10.0.0.2", 80, kAck, 2, 0.3, 0.2);
  add(0, {a, b});
  finish();
  EXPECT_NEAR(feature(host("10.0.0.1"), "inter_arrival_mean"), 0.8 / 4, 1e-9);
}

TEST_F(WindowKeeperTest, PortsOfTcpAndUdpAreOneAndIcmpHasNone) {
  add(0, {tcp("10.0.0.1", "10.0.0.2", 53, kAck), udp("10.0.0.1", "10.0.0.2", 53), udp("10.0.0.1", "10.0.0.3", 6000, 2),
          icmp("10.0.0.1", "10.0.0.2", 8)});
  finish();
  const HostWindow& h = host("10.0.0.1");
  EXPECT_EQ(feature(h, "unique_ports"), 2);
  EXPECT_DOUBLE_EQ(feature(h, "uncommon_port_ratio"), 0.5);
  EXPECT_DOUBLE_EQ(feature(h, "icmp_ratio"), 0.2);
  EXPECT_DOUBLE_EQ(feature(h, "avg_payload_size"), 46);
  EXPECT_NEAR(feature(h, "payload_size_variance"), 0, 1e-9);
}

TEST_F(WindowKeeperTest, EntropyPoolsTheSamplesOfAHost) {
  Snapshot s = tick(0, {udp("10.0.0.1", "10.0.0.2", 53)});
  PayloadSample sample;
  sample.key = s.flows[0].key;
  sample.size = 2;
  sample.head = {0, 1};
  s.samples.push_back(sample);
  sample.head = {2, 3};
  s.samples.push_back(sample);
  keeper_.add(s, on_close_);
  finish();
  EXPECT_DOUBLE_EQ(feature(host("10.0.0.1"), "payload_entropy"), 2);
}

TEST_F(WindowKeeperTest, AnAckInALaterTickAcceptsTheConnection) {
  add(0, {tcp("10.0.0.1", "10.0.0.2", 80, kSyn)});
  EXPECT_EQ(keeper_.open_hosts()[0].evidence.half_open_syn, 1u);
  EXPECT_EQ(keeper_.open_hosts()[0].evidence.half_open_to_service, 1u);
  add(1, {tcp("10.0.0.1", "10.0.0.2", 80, kAck)});
  EXPECT_EQ(keeper_.open_hosts()[0].evidence.half_open_syn, 0u);
  EXPECT_EQ(keeper_.open_hosts()[0].evidence.half_open_to_service, 0u);
  finish();
  EXPECT_EQ(host("10.0.0.1").evidence.syn_packets, 1u);
  EXPECT_EQ(host("10.0.0.1").evidence.ports_probed, 0u);
}

TEST_F(WindowKeeperTest, CountsProbedPortsOfTheMostProbedHost) {
  std::vector<FlowRecord> flows;
  for (std::uint16_t port = 1; port <= 30; ++port) flows.push_back(tcp("10.0.0.1", "10.0.0.2", port, kSyn));
  for (std::uint16_t port = 1; port <= 10; ++port) flows.push_back(tcp("10.0.0.1", "10.0.0.3", port, kSyn));
  flows.push_back(tcp("10.0.0.1", "10.0.0.2", 30, kSyn));            // again
  flows.push_back(tcp("10.0.0.1", "10.0.0.2", 40, kSyn | kAck));     // accepted
  flows.push_back(tcp("10.0.0.2", "10.0.0.1", 40000, kRst | kAck));  // refusals are no probes
  flows.push_back(tcp("10.0.0.2", "10.0.0.1", 40001, kRst));
  add(0, flows);
  finish();
  EXPECT_EQ(host("10.0.0.1").evidence.ports_probed, 30u);
  EXPECT_EQ(host("10.0.0.1").evidence.probed_host, ip("10.0.0.2"));
  EXPECT_EQ(host("10.0.0.1").evidence.half_open_to_service, 2u);
  EXPECT_EQ(host("10.0.0.2").evidence.ports_probed, 0u);
}

TEST_F(WindowKeeperTest, AConnectionIsHeldThatIsOpenAndUnanswered) {
  const auto opened = [](std::uint16_t from, double at_s, std::uint8_t flags = kSyn | kAck) {
    FlowRecord r = tcp("10.0.0.1", "10.0.0.2", 80, flags, 3, at_s);
    r.key.source_port = from;
    return r;
  };
  const auto answered = [](FlowRecord r, bool has_data) {
    std::swap(r.key.source, r.key.destination);
    std::swap(r.key.source_port, r.key.destination_port);
    r.events = {};
    r.events[WEIR_EVENT_FLAGS] = kAck;
    if (!has_data) r.overhead_bytes = r.bytes;
    return r;
  };
  std::vector<FlowRecord> flows;
  for (std::uint16_t n = 0; n < 5; ++n) flows.push_back(opened(static_cast<std::uint16_t>(1000 + n), 7.9));
  flows.push_back(opened(2000, 8.1));                    // too late to tell
  flows.push_back(opened(2001, 1, kSyn | kAck | kRst));  // over
  flows.push_back(opened(2002, 1, kSyn));                // never accepted
  flows.push_back(opened(2003, 1, kAck));                // of a window before
  const std::size_t connections = flows.size();
  for (std::size_t i = 0; i < connections; ++i) flows.push_back(answered(flows[i], false));
  flows.push_back(opened(3000, 1));  // served
  flows.push_back(answered(flows.back(), true));
  flows.push_back(opened(3001, 1));  // the other direction is not seen
  add(0, flows);
  add(9, {});
  EXPECT_EQ(host("10.0.0.1").in_window().held_connections.count, 5u);
}

TEST_F(WindowKeeperTest, IcmpAnswersAreNobodysFlood) {
  add(0, {icmp("10.0.0.1", "10.0.0.2", 8, 400), icmp("10.0.0.2", "10.0.0.1", 0, 400), icmp("fd00::1", "fd00::2", 128, 50),
          icmp("fd00::2", "fd00::1", 129, 50)});
  finish();
  EXPECT_EQ(host("10.0.0.1").evidence.icmp_packets, 400u);
  EXPECT_EQ(host("10.0.0.1").evidence.icmp_target, ip("10.0.0.2"));
  EXPECT_EQ(host("10.0.0.2", Role::kDestination).evidence.icmp_packets, 400u);
  EXPECT_EQ(host("10.0.0.2").evidence.icmp_packets, 0u);
  EXPECT_EQ(host("fd00::1").evidence.icmp_packets, 50u);
  EXPECT_EQ(host("fd00::2").evidence.icmp_packets, 0u);
}

TEST_F(WindowKeeperTest, RandomSourcesCannotTakeThePlacesOfHomeHosts) {
  options_.hosts = 100;
  WindowKeeper small(options_);
  std::vector<FlowRecord> flood;
  for (int i = 0; i < 200; ++i) flood.push_back(udp("203.0.113." + std::to_string(i), "198.51.100.1", 80));
  small.add(tick(0, flood), on_close_);
  small.add(tick(1, {udp("10.0.0.1", "10.0.0.2", 53)}), on_close_);
  small.finish(on_close_);
  EXPECT_EQ(host("10.0.0.1").packets, 1u);
  EXPECT_TRUE(host("10.0.0.1").home);
  EXPECT_EQ(closed_[0].hosts.size(), 77u);                  // three quarters for all, and the two at home
  EXPECT_EQ(small.losses().untracked_packets, 200u - 74u);  // the destination has the 75th
}

TEST_F(WindowKeeperTest, FlowsWithoutRoomStillCount) {
  options_.flows = 10;
  WindowKeeper small(options_);
  std::vector<FlowRecord> flows;
  for (std::uint16_t port = 1; port <= 30; ++port) flows.push_back(tcp("10.0.0.1", "10.0.0.2", port, kSyn));
  small.add(tick(0, flows), on_close_);
  small.finish(on_close_);
  EXPECT_EQ(host("10.0.0.1").packets, 30u);
  EXPECT_DOUBLE_EQ(feature(host("10.0.0.1"), "avg_payload_size"), 46);
  EXPECT_EQ(small.losses().unjoined_records, 20u);
}

TEST_F(WindowKeeperTest, OverflowHostsCount) {
  Snapshot s = tick(0, {});
  s.overflow_hosts.push_back({ip("10.0.0.9"), Role::kDestination, 900, 54000, 0, 900, 0, 0, 900, kStart, kStart});
  keeper_.add(s, on_close_);
  finish();
  EXPECT_EQ(host("10.0.0.9", Role::kDestination).packets, 900u);
  EXPECT_EQ(host("10.0.0.9", Role::kDestination).evidence.half_open_to_service, 900u);
}

}  // namespace
}  // namespace weir
