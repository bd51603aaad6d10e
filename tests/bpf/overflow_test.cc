#include <algorithm>
#include <numeric>
#include <string>

#include "bpf/meter_fixture.h"
#include "support/snapshot_sums.h"

namespace weir::test {
namespace {

/// One set of eight flows and one of four hosts: what does not fit is known exactly.
class Overflow : public MeterTest {
 protected:
  static constexpr std::uint16_t kFits = WEIR_WAYS;
  void SetUp() override {
    MeterTest::SetUp();
    if (!IsSkipped()) load({.sets4 = 1, .sets6 = 1, .host_sets = 1, .filter_words = 1});
  }
  void fill4() {
    for (std::uint16_t port = 1; port <= kFits; ++port)
      send(PacketBuilder().ip4("10.0.0.1", "10.0.0.2").udp(port, 9).build());
  }
  static const OverflowHost* find(const Snapshot& snapshot, const char* address, Role role) {
    const auto found =
        std::find_if(snapshot.overflow_hosts.begin(), snapshot.overflow_hosts.end(),
                     [&](const OverflowHost& h) { return h.host == IpAddress::parse(address) && h.role == role; });
    return found == snapshot.overflow_hosts.end() ? nullptr : &*found;
  }
};

TEST_F(Overflow, SetHoldsEightFlowsAndTheNinthIsCountedApart) {
  fill4();
  const Bytes ninth = PacketBuilder().ip4("10.0.0.1", "10.0.0.2").udp(99, 9).payload(100).build();
  send(ninth, 3);
  const Snapshot snapshot = drain();
  EXPECT_EQ(snapshot.flows.size(), kFits);
  EXPECT_EQ(snapshot.totals.overflow_packets, 3u);
  EXPECT_EQ(snapshot.totals.overflow_bytes, 3 * ninth.size());
  EXPECT_EQ(snapshot.totals.overflow_without_host, 0u);
}

TEST_F(Overflow, KnownFlowsGoOnCounting) {
  fill4();
  send(PacketBuilder().ip4("10.0.0.1", "10.0.0.2").udp(99, 9).build());
  fill4();
  const Snapshot snapshot = drain();
  ASSERT_EQ(snapshot.flows.size(), kFits);
  for (const FlowRecord& flow : snapshot.flows) EXPECT_EQ(flow.packets, 2u);
}

TEST_F(Overflow, HostsAreKeptInBothRoles) {
  fill4();
  set_time(3 * kSecond_ns / kStamp_ns * kStamp_ns);
  const Bytes syn = PacketBuilder().ip4("10.0.0.7", "10.0.0.8").tcp(1, 2, kSyn).payload(50).build();
  send(syn, 4);
  const Bytes short_frame = PacketBuilder().ip4("10.0.0.7", "10.0.0.8").udp(1, 2).build();
  send(short_frame);
  send(PacketBuilder().ip4("10.0.0.7", "10.0.0.8").icmp(8, 0).build(), 2);  // as short
  const Snapshot snapshot = drain();
  for (const auto& [address, role] : {std::pair{"10.0.0.7", Role::kSource}, std::pair{"10.0.0.8", Role::kDestination}}) {
    const OverflowHost* host = find(snapshot, address, role);
    ASSERT_NE(host, nullptr) << address;
    EXPECT_EQ(host->packets, 7u);
    EXPECT_EQ(host->bytes, 4 * syn.size() + 3 * short_frame.size());
    EXPECT_EQ(host->tcp_packets, 4u);
    EXPECT_EQ(host->udp_packets, 1u);
    EXPECT_EQ(host->icmp_packets, 2u);
    EXPECT_EQ(host->syn_packets, 4u);
    EXPECT_EQ(host->first_ns, 3 * kSecond_ns / kStamp_ns * kStamp_ns);
    EXPECT_EQ(host->last_ns, host->first_ns);
  }
}

TEST_F(Overflow, Ip6HasItsOwnTableAndHosts) {
  fill4();
  for (std::uint16_t port = 1; port <= kFits + 1; ++port) send(PacketBuilder().ip6().udp(port, 9).build());
  const Snapshot snapshot = drain();
  EXPECT_EQ(snapshot.flows.size(), 2u * kFits);
  EXPECT_EQ(snapshot.totals.overflow_packets, 1u);
  const OverflowHost* host = find(snapshot, "2001:db8::1", Role::kSource);
  ASSERT_NE(host, nullptr);
  EXPECT_EQ(host->packets, 1u);
}

TEST_F(Overflow, HostsThatFindNoSlotAreCounted) {
  fill4();
  for (int i = 1; i <= 5; ++i)
    send(PacketBuilder().ip4("10.1.0." + std::to_string(i), "10.2.0." + std::to_string(i)).udp(1, 2).build());
  const Snapshot snapshot = drain();
  EXPECT_EQ(snapshot.totals.overflow_packets, 5u);
  EXPECT_EQ(snapshot.overflow_hosts.size(), std::size_t{WEIR_HOST_WAYS});
  EXPECT_EQ(snapshot.totals.overflow_without_host, 6u) << "two records a packet, four slots";
}

TEST_F(Overflow, EveryGenerationStartsWithRoom) {
  for (int i = 0; i < 5; ++i) {
    fill4();
    send(PacketBuilder().ip4().udp(99, 9).build());
    const Snapshot snapshot = drain();
    EXPECT_EQ(snapshot.flows.size(), kFits);
    EXPECT_EQ(snapshot.overflow_hosts.size(), 2u);
    EXPECT_EQ(snapshot.totals.overflow_packets, 1u);
  }
}

TEST_F(Overflow, IsInTheHistogramsToo) {
  for (std::uint16_t port = 1; port <= 50; ++port) send(PacketBuilder().ip4().udp(port, 9).build());
  const Snapshot snapshot = drain();
  EXPECT_EQ(snapshot.totals.overflow_packets, 50u - kFits);
  EXPECT_EQ(packets_by_protocol(snapshot)[17], 50u);
  EXPECT_EQ(packets_by_port(snapshot), (std::map<std::pair<bool, int>, std::uint64_t>{{{true, 9}, 50}}));
}

}  // namespace
}  // namespace weir::test
