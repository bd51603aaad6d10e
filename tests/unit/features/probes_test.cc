#include "features/probes.h"

#include <gtest/gtest.h>

#include "features/flow_signs.h"
#include "support/flow_records.h"

namespace weir {
namespace {

using namespace test;

constexpr std::uint8_t kFin = 0x01;

class ProbesTest : public ::testing::Test {
 protected:
  /// Flows of one window, and what the figures then say of 10.0.0.1.
  SignFigures read(const std::vector<FlowRecord>& flows) {
    for (const FlowRecord& r : flows) add_direction(r.key, flow_of(r), conversations_);
    for (const FlowRecord& r : flows) read_flow_signs(r.key, flow_of(r), conversations_, signs_);
    signs_.end_window(0);
    const auto figures = signs_.figures_of(ip("10.0.0.1"));
    signs_.begin_window();
    conversations_.begin_window();
    return figures == nullptr ? SignFigures() : figures->window;
  }

  static FlowRecord back(FlowRecord r, double at_s) {
    std::swap(r.key.source, r.key.destination);
    std::swap(r.key.source_port, r.key.destination_port);
    r.first_ns = r.last_ns = kStart + static_cast<std::int64_t>(at_s * 1e9);
    return r;
  }
  static FlowRecord refusal_of(const FlowRecord& r) {
    FlowRecord refusal = back(r, 0.1);
    refusal.events = {};
    refusal.events[WEIR_EVENT_FLAGS] = kRst;
    refusal.events[WEIR_EVENT_RST] = static_cast<std::uint8_t>(r.packets);
    return refusal;
  }
  static FlowRecord sctp(std::uint16_t port, std::uint64_t packets = 1) {
    FlowRecord r = udp("10.0.0.1", "10.0.0.2", port, packets);
    r.key.protocol = 132;
    return r;
  }
  static FlowRecord from_port(FlowRecord r, std::uint16_t port) {
    r.key.source_port = port;
    return r;
  }

  Conversations conversations_{1000, 1};
  Signs signs_{1000, 7};
};

TEST_F(ProbesTest, UdpPortsThatDoNotAnswer) {
  std::vector<FlowRecord> flows;
  for (std::uint16_t port = 1; port <= 20; ++port) flows.push_back(udp("10.0.0.1", "10.0.0.2", port));
  flows.push_back(back(flows[0], 0.1));
  flows.push_back(back(flows[1], 0.1));
  flows.push_back(back(flows[2], 0.1));
  flows.push_back(udp("10.0.0.1", "10.0.0.2", 33434));
  const SignFigures f = read(flows);
  EXPECT_EQ(f.probed_udp.count, 17u) << "neither what answers nor what traceroute tries";
  EXPECT_EQ(f.probed_udp.host, ip("10.0.0.2"));
  EXPECT_EQ(f.answered_ports_udp, 3u);
  EXPECT_EQ(read(flows).probed_udp.count, 0u) << "known by now";
}

TEST_F(ProbesTest, AServerThatSendsToManyPortsOfOneHostProbesNothing) {
  std::vector<FlowRecord> flows;
  for (std::uint16_t port = 2000; port < 2030; ++port) flows.push_back(from_port(udp("10.0.0.1", "10.0.0.2", port), 53));
  for (std::uint16_t port = 2000; port < 2030; ++port) {
    flows.push_back(from_port(tcp("10.0.0.1", "10.0.0.2", port, kFin | kAck), 443));
    flows.push_back(refusal_of(flows.back()));
  }
  const SignFigures f = read(flows);
  EXPECT_EQ(f.probed_udp.count, 0u);
  EXPECT_EQ(f.probed_by_fin.count, 0u);
}

TEST_F(ProbesTest, FinForNoConnectionIsRefused) {
  std::vector<FlowRecord> flows;
  for (std::uint16_t port = 1; port <= 20; ++port) {
    flows.push_back(tcp("10.0.0.1", "10.0.0.2", port, kFin | kAck));
    flows.push_back(refusal_of(flows.back()));
  }
  flows.push_back(tcp("10.0.0.1", "10.0.0.2", 22, kFin | kAck));  // silence says nothing
  flows.push_back(tcp("10.0.0.1", "10.0.0.2", 23, kFin | kAck, 5));
  flows.push_back(refusal_of(flows.back()));
  EXPECT_EQ(read(flows).probed_by_fin.count, 20u);
}

TEST_F(ProbesTest, SctpThatGoesNoFurtherThanItsFirstPacket) {
  std::vector<FlowRecord> flows;
  for (std::uint16_t port = 1; port <= 20; ++port) flows.push_back(sctp(port));
  flows.push_back(back(flows[0], 0.1));  // refused, or accepted: the answers look alike
  flows.push_back(sctp(3868, 3));        // an association
  flows.push_back(sctp(3869));           // an answer
  flows.push_back(back(flows.back(), -0.1));
  EXPECT_EQ(read(flows).probed_sctp.count, 20u);
}

TEST_F(ProbesTest, ProtocolsBesideTheOrdinary) {
  std::vector<FlowRecord> flows;
  for (std::uint8_t protocol = 1; protocol <= 60; ++protocol) {
    FlowRecord r = udp("10.0.0.1", "10.0.0.2", 0);
    r.key.source_port = 0;
    r.key.protocol = protocol;
    flows.push_back(r);
  }
  EXPECT_EQ(read(flows).probed_protocols.count, 56u) << "without ICMP, TCP, UDP and ICMPv6";
}

}  // namespace
}  // namespace weir
