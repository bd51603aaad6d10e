#include "sensor/live_source.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/unique_fd.h"
#include "netns/live_sender.h"
#include "netns/raw_socket.h"
#include "support/private_network.h"

namespace weir::test {
namespace {

std::int64_t unix_now_ns() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

/// A socket sends out of va, to neighbours behind it who do not exist; the sensor sits on vb, where the frames arrive.
class LiveSourceTest : public PrivateNetworkTest {
 protected:
  void SetUp() override {
    PrivateNetworkTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    make_veth("va", "vb");
    run("sysctl -qw net.ipv6.conf.va.disable_ipv6=0");
    run("ip addr add 10.9.0.1/24 dev va && ip neigh add 10.9.0.2 lladdr 02:02:02:02:02:02 dev va");
    run("ip addr add 2001:db8:9::1/64 dev va nodad && ip neigh add 2001:db8:9::2 lladdr 02:02:02:02:02:02 dev va");
  }

  static void send_datagrams(int family, std::uint16_t port, int count, std::size_t size) {
    const UniqueFd socket(::socket(family, SOCK_DGRAM, 0));
    sockaddr_storage to{};
    to.ss_family = static_cast<sa_family_t>(family);
    if (family == AF_INET) {
      auto* in = reinterpret_cast<sockaddr_in*>(&to);
      in->sin_port = htons(port);
      inet_pton(family, "10.9.0.2", &in->sin_addr);
    } else {
      auto* in = reinterpret_cast<sockaddr_in6*>(&to);
      in->sin6_port = htons(port);
      inet_pton(family, "2001:db8:9::2", &in->sin6_addr);
    }
    const Bytes datagram(size, 'w');
    const socklen_t length = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    for (int i = 0; i < count; ++i)
      ASSERT_EQ(sendto(socket.get(), datagram.data(), size, 0, reinterpret_cast<const sockaddr*>(&to), length),
                static_cast<ssize_t>(size))
          << std::strerror(errno);
  }

  static FlowRecord find(const Snapshot& tick, std::uint16_t port) {
    FlowRecord sum;
    for (const FlowRecord& flow : tick.flows) {
      if (flow.key.destination_port != port || flow.key.protocol != IPPROTO_UDP) continue;
      const std::uint64_t packets = sum.packets, bytes = sum.bytes;
      sum = flow;  // several CPUs may each have a record
      sum.packets += packets;
      sum.bytes += bytes;
    }
    return sum;
  }
};

TEST_F(LiveSourceTest, SeesWhatSocketsSent) {
  auto live = LiveSource::start({.interfaces = {"vb"}, .flows = 1024});
  ASSERT_TRUE(live) << live.error().what;
  const std::int64_t before_ns = unix_now_ns();
  ASSERT_NO_FATAL_FAILURE(send_datagrams(AF_INET, 7001, 50, 100));
  ASSERT_NO_FATAL_FAILURE(send_datagrams(AF_INET6, 7002, 40, 200));
  const std::int64_t after_ns = unix_now_ns();
  Snapshot tick;
  ASSERT_TRUE((*live)->read_tick(tick));
  const FlowRecord v4 = find(tick, 7001), v6 = find(tick, 7002);
  EXPECT_EQ(v4.packets, 50u);
  EXPECT_EQ(v4.bytes, 50u * (14 + 20 + 8 + 100));
  EXPECT_EQ(v4.key.source.to_string(), "10.9.0.1");
  EXPECT_EQ(v6.packets, 40u);
  EXPECT_EQ(v6.bytes, 40u * (14 + 40 + 8 + 200));
  EXPECT_EQ(v6.key.destination.to_string(), "2001:db8:9::2");
  // The coarse clock lags by up to a timer's tick, on a busy virtual machine by several.
  EXPECT_GE(v4.first_ns, before_ns - 50'000'000);
  EXPECT_LE(v6.last_ns, after_ns + 50'000'000);
  EXPECT_TRUE(tick.totals.is_conserved());
}

TEST_F(LiveSourceTest, GivesEachTickItsOwn) {
  auto live = LiveSource::start({.interfaces = {"vb"}, .flows = 1024});
  ASSERT_TRUE(live) << live.error().what;
  Snapshot tick;
  for (int i = 1; i <= 5; ++i) {
    ASSERT_NO_FATAL_FAILURE(send_datagrams(AF_INET, 7001, i, 10));
    ASSERT_TRUE((*live)->read_tick(tick));
    EXPECT_EQ(find(tick, 7001).packets, static_cast<std::uint64_t>(i));
  }
  ASSERT_TRUE((*live)->read_tick(tick));
  EXPECT_EQ(find(tick, 7001).packets, 0u);
}

TEST_F(LiveSourceTest, HandsOverPayloadHeads) {
  auto live = LiveSource::start({.interfaces = {"vb"}, .flows = 1024});
  ASSERT_TRUE(live) << live.error().what;
  ASSERT_NO_FATAL_FAILURE(send_datagrams(AF_INET, 7001, 1, 10));
  Snapshot tick;
  ASSERT_TRUE((*live)->read_tick(tick));
  const auto sample = std::find_if(tick.samples.begin(), tick.samples.end(),
                                   [](const PayloadSample& s) { return s.key.destination_port == 7001; });
  ASSERT_NE(sample, tick.samples.end());
  EXPECT_EQ(sample->size, 10);
  EXPECT_EQ(sample->head[9], 'w');
}

TEST_F(LiveSourceTest, TellsItsInterfacesApart) {
  auto live = LiveSource::start({.interfaces = {"va", "vb"}, .flows = 1024});
  ASSERT_TRUE(live) << live.error().what;
  const Bytes frame = PacketBuilder().ip4("10.8.0.1", "10.8.0.2").udp(1, 7003).build();
  ASSERT_NO_FATAL_FAILURE(send_frames("va", {frame, frame}));  // arrives on vb
  ASSERT_NO_FATAL_FAILURE(send_frames("vb", {frame}));         // arrives on va
  Snapshot tick;
  ASSERT_TRUE((*live)->read_tick(tick));
  std::uint64_t packets[2] = {};
  for (const FlowRecord& flow : tick.flows)
    if (flow.key.destination_port == 7003) packets[flow.key.origin >> WEIR_ORIGIN_INTERFACE_SHIFT & 1] += flow.packets;
  EXPECT_EQ(packets[0], 1u);
  EXPECT_EQ(packets[1], 2u);
}

TEST_F(LiveSourceTest, NamesItsInterfacesBeforePacketsArrive) {
  LiveSender sender("va", {.packets = 50'000'000});  // refused by the device until something is attached to vb
  const auto live = LiveSource::start({.interfaces = {"lo", "vb", "va"}, .flows = 8192});
  for (int i = 0; i < 1000 && read_device("vb").received_packets == 0; ++i)  // a busy machine lets the sender run late
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  sender.stop();
  sender.join();
  ASSERT_TRUE(live) << live.error().what;
  Snapshot tick;
  ASSERT_TRUE((*live)->read_tick(tick));
  EXPECT_GT(tick.totals.flow_packets, 0u);
  for (const FlowRecord& flow : tick.flows)
    ASSERT_EQ(flow.key.origin >> WEIR_ORIGIN_INTERFACE_SHIFT, 1) << flow.key.source.to_string();
}

}  // namespace
}  // namespace weir::test
