#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <sstream>
#include <thread>
#include <tuple>

#include "netns/two_networks.h"
#include "support/private_network.h"

namespace weir::test {
namespace {

constexpr std::uint16_t kPort = 8080;
constexpr std::size_t kUp = 300'000, kDown = 200'000;
constexpr unsigned kPings = 5, kPingBytes = 100, kMany = 20;
constexpr std::chrono::seconds kCalm{3};  // after which new addresses have been announced

/// A kind of tunnel by the device that makes it, between 10.9.0.1 and .2 or fd09::1 and ::2. Inside are 10.50.0.1 and .2 or
/// fd50::1 and ::2.
struct Kind {
  const char* name;
  const char* device;  ///< %s: the own end, the other end
  bool is_v6_outside, is_v6_inside;
};
const Kind kKinds[] = {
    {"vxlan", "vxlan id 5 dstport 4789 dev %v local %s remote %s", false, false},
    {"vxlan6", "vxlan id 5 dstport 4789 dev %v udp6zerocsumtx udp6zerocsumrx local %s remote %s", true, true},
    {"gre", "gre key 7 csum seq local %s remote %s", false, false},
    {"gretap", "gretap local %s remote %s", false, true},
    {"ip6gre", "ip6gre local %s remote %s", true, false},
    {"ipip", "ipip local %s remote %s", false, false},
    {"sit", "sit local %s remote %s", false, true},
    {"ipip6", "ip6tnl mode ipip6 encaplimit none local %s remote %s", true, false},
    {"ip6ip6", "ip6tnl mode ip6ip6 local %s remote %s", true, true},  // with the encapsulation limit, an extension header
    {"mpls", "", false, false},                                       // no device: routes
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

/// WEIR_TEST_TUNNELS: those that the kernel has; VXLAN is everywhere.
std::vector<Kind> kinds_here() {
  const char* named = std::getenv("WEIR_TEST_TUNNELS");
  std::istringstream names(named != nullptr ? named : "vxlan vxlan6");
  std::vector<Kind> out;
  for (std::string name; names >> name;)
    for (const Kind& kind : kKinds)
      if (name == kind.name) out.push_back(kind);
  return out;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

/// One end of the tunnel: 1 on va, 2 on vb.
void make_end(const Kind& kind, int own) {
  const std::string veth = own == 1 ? "va" : "vb", me = std::to_string(own), other = std::to_string(3 - own);
  const std::string inside4 = "10.50.0.", inside6 = "fd50::";
  run("ip link set " + veth + " arp on up && ip addr add 10.9.0." + me + "/24 dev " + veth);
  if (kind.is_v6_outside) {
    run("sysctl -qw net.ipv6.conf." + veth + ".disable_ipv6=0 net.ipv6.conf." + veth + ".router_solicitations=0");
    run("ip addr add fd09::" + me + "/64 dev " + veth + " nodad");
  }
  if (std::string(kind.name) == "mpls") {
    run("sysctl -qw net.mpls.platform_labels=1000 net.mpls.conf." + veth + ".input=1");
    run("ip link add tun type dummy && ip link set tun up && ip addr add " + inside4 + me + "/32 dev tun");
    run("ip route add " + inside4 + other + "/32 encap mpls 100/200 via inet 10.9.0." + other + " dev " + veth + " src " +
        inside4 + me);
    run("ip -f mpls route add 100 dev lo && ip -f mpls route add 200 dev lo");
    return;
  }
  const std::string outside = kind.is_v6_outside ? "fd09::" : "10.9.0.";
  std::string device = replaced(kind.device, "%v", veth);
  device = replaced(replaced(device, "%s", outside + me), "%s", outside + other);
  run("ip link add tun type " + device + " && ip link set tun mtu 1400");
  if (kind.is_v6_inside) run("sysctl -qw net.ipv6.conf.tun.disable_ipv6=0 net.ipv6.conf.tun.router_solicitations=0");
  run("ip link set tun up");
  run(kind.is_v6_inside ? "ip addr add " + inside6 + me + "/64 dev tun nodad"
                        : "ip addr add " + inside4 + me + "/24 dev tun");
}

/// A flow as both ends of the wire must see it, whichever way they look.
using Counts = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, unsigned>;
using Flows = std::map<FlowKey, Counts>;

bool is_inside(const IpAddress& address) {
  const std::string text = address.to_string();
  return text.rfind("10.50.0.", 0) == 0 || text.rfind("fd50::", 0) == 0;
}

/// Those of the talk: of the tunnels' own flows the large ones, for IPv6 also speaks unasked.
Flows flows_of(const Snapshot& all, bool leaving, bool is_opened) {
  Flows out;
  for (const FlowRecord& f : all.flows) {
    if (is_leaving(f.key.origin) != leaving || (is_opened ? !is_inside(f.key.source) : f.packets < kMany)) continue;
    FlowKey key = f.key;
    key.origin = 0;
    auto& [packets, bytes, squares, overhead, flags] = out[key];
    packets += f.packets;
    bytes += f.bytes;
    squares += f.sum_squared_bytes;
    overhead += f.overhead_bytes;
    flags |= f.tcp_flags();
  }
  return out;
}

std::uint64_t payload_of(const Flows& flows, std::uint8_t protocol, std::uint16_t source_port,
                         std::uint16_t destination_port) {
  std::uint64_t sum = 0;
  for (const auto& [key, counts] : flows)
    if (key.protocol == protocol && (source_port == 0 || key.source_port == source_port) &&
        (destination_port == 0 || key.destination_port == destination_port) && is_inside(key.source))
      sum += std::get<1>(counts) - std::get<3>(counts);
  return sum;
}

/// A TCP connection and pings through a real tunnel, watched on the wire at both ends: here XDP counts what arrives and tc
/// what leaves, there too, or there tc counts arrivals, which come merged. What leaves one end must arrive at the other.
class LiveTunnel : public PrivateNetworkTest, public testing::WithParamInterface<std::tuple<Kind, XdpMode, bool>> {
 protected:
  void SetUp() override {
    PrivateNetworkTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    make_veth("va", "vb");
    other_.emplace();
    run("ip link set vb netns " + other_->path());
    make_end(std::get<0>(GetParam()), 1);
    other_->run_inside([] { make_end(std::get<0>(GetParam()), 2); });
    std::this_thread::sleep_for(kCalm);
  }

  void talk() {
    const bool is_v6 = std::get<0>(GetParam()).is_v6_inside;
    const std::string there = is_v6 ? "fd50::2" : "10.50.0.2";
    transfer(*other_, there.c_str(), kPort, kUp, kDown);
    run("ping -q -c " + std::to_string(kPings) + " -i 0.05 -W 5 -s " + std::to_string(kPingBytes) + " " + there);
  }

  std::optional<OtherNetwork> other_;
};

TEST_P(LiveTunnel, BothEndsOfTheWireCountTheSame) {
  const auto& [kind, mode, is_opened] = GetParam();
  const std::vector<Tunnel> opened =
      is_opened ? std::vector{Tunnel::kVxlan, Tunnel::kGre, Tunnel::kIpInIp, Tunnel::kMpls} : std::vector<Tunnel>{};
  std::optional<Watch> here, there;
  here.emplace("va", XdpMode::kNative, EgressMode::kOn, TcWay::kAuto, opened);
  other_->run_inside([&, m = mode] { there.emplace("vb", m, EgressMode::kOn, TcWay::kAuto, opened); });
  ASSERT_NO_FATAL_FAILURE(talk());
  const Snapshot &a = here->read(), &b = there->read();
  const Flows left_a = flows_of(a, true, is_opened), left_b = flows_of(b, true, is_opened);
  EXPECT_TRUE(left_a == flows_of(b, false, is_opened));
  EXPECT_TRUE(left_b == flows_of(a, false, is_opened));
  EXPECT_GT(a.totals.flow_packets + a.totals.all_undecoded_packets(), (kUp + kDown) / 1400);
  EXPECT_EQ(a.totals.overflow_packets, 0u);
  if (is_opened) {
    const std::uint8_t icmp = kind.is_v6_inside ? 58 : 1;
    const std::uint16_t echo = static_cast<std::uint16_t>((kind.is_v6_inside ? 128 : 8) << 8);
    EXPECT_EQ(payload_of(left_a, 6, 0, kPort), kUp) << "what the sender sent";
    EXPECT_EQ(payload_of(left_b, 6, kPort, 0), kDown);
    EXPECT_EQ(payload_of(left_a, icmp, 0, echo), kPings * kPingBytes);
  } else {
    EXPECT_FALSE(left_a.empty() && kind.device[0] != '\0') << "MPLS has no flow outside";
    for (const auto& [key, counts] : left_a) EXPECT_FALSE(is_inside(key.source)) << key.source.to_string();
  }
  other_->run_inside([&] { there.reset(); });
}

INSTANTIATE_TEST_SUITE_P(Kind, LiveTunnel,
                         testing::Combine(testing::ValuesIn(kinds_here()), testing::Values(XdpMode::kNative, XdpMode::kTc),
                                          testing::Bool()),
                         [](const auto& p) {
                           return std::string(std::get<0>(p.param).name) +
                                  (std::get<1>(p.param) == XdpMode::kTc ? "_tc" : "_xdp") +
                                  (std::get<2>(p.param) ? "_inside" : "_outside");
                         });

}  // namespace
}  // namespace weir::test
