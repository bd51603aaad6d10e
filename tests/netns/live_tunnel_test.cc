#include <gtest/gtest.h>
#include <netinet/in.h>

#include <algorithm>
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

/// A kind of tunnel by the device that makes it, between 10.9.0.1 and .2 or fd09::1 and ::2.
struct Kind {
  const char* name;
  const char* device;  ///< %v, %s and %s: what it lies on, its own end and the other
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

/// WEIR_TEST_TUNNELS: those that the kernel has; VXLAN is everywhere.
std::vector<Kind> kinds_here() {
  const char* named = std::getenv("WEIR_TEST_TUNNELS");
  std::istringstream names(named != nullptr ? named : "vxlan vxlan6");
  std::vector<Kind> out;
  for (std::string name; names >> name;) {
    const auto* const kind =
        std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& k) { return k.name == name; });
    if (kind == std::end(kKinds))
      ADD_FAILURE() << "WEIR_TEST_TUNNELS: " << name;
    else
      out.push_back(*kind);
  }
  return out;
}

/// Of the inner addresses of the n-th tunnel all but the end's number.
std::string inner_network(const Kind& kind, std::size_t n) {
  return kind.is_v6_inside ? "fd50:" + std::to_string(n) + "::" : "10.50." + std::to_string(n) + ".";
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

const char* veth_of(int end) { return end == 1 ? "va" : "vb"; }

/// TCP keeps less under way than a veth's ring of 256 holds: what that refuses would have left and not arrived.
void make_outside(int end) {
  run("sysctl -qw net.ipv4.tcp_wmem='4096 16384 65536'");
  const std::string veth = veth_of(end), me = std::to_string(end);
  run("sysctl -qw net.ipv6.conf." + veth + ".disable_ipv6=0 net.ipv6.conf." + veth + ".router_solicitations=0");
  run("ip link set " + veth + " arp on up && ip addr add 10.9.0." + me + "/24 dev " + veth);
  run("ip addr add fd09::" + me + "/64 dev " + veth + " nodad");
}

void make_labels(const std::string& inside, int end) {
  const std::string veth = veth_of(end), me = std::to_string(end), other = std::to_string(3 - end);
  run("sysctl -qw net.mpls.platform_labels=1000 net.mpls.conf.lo.input=1 net.mpls.conf." + veth + ".input=1");
  run("ip link add tun type dummy && ip link set tun up && ip addr add " + inside + me + "/32 dev tun");
  run("ip route add " + inside + other + "/32 encap mpls 100/200 via inet 10.9.0." + other + " dev " + veth + " src " +
      inside + me);
  run("ip -f mpls route add 100 dev lo && ip -f mpls route add 200 dev lo");
}

/// One end of the tunnel: 1 on va, 2 on vb.
void make_tunnel(const Kind& kind, const std::string& inside, int end) {
  const std::string outside = kind.is_v6_outside ? "fd09::" : "10.9.0.", me = std::to_string(end);
  if (kind.device[0] == '\0') return make_labels(inside, end);
  std::string device = replaced(kind.device, "%v", veth_of(end));
  device = replaced(replaced(device, "%s", outside + me), "%s", outside + std::to_string(3 - end));
  run("ip link add tun type " + device + " && ip link set tun mtu 1400");
  if (kind.is_v6_inside) run("sysctl -qw net.ipv6.conf.tun.disable_ipv6=0 net.ipv6.conf.tun.router_solicitations=0");
  run("ip link set tun up && ip addr add " + inside + me + (kind.is_v6_inside ? "/64 dev tun nodad" : "/24 dev tun"));
}

/// A flow as both ends of the wire must see it, whichever way they look.
using Counts = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, unsigned>;
using Flows = std::map<FlowKey, Counts>;

bool is_inside(const IpAddress& address) {
  const std::string text = address.to_string();
  return text.rfind("10.50.", 0) == 0 || text.rfind("fd50:", 0) == 0;
}

/// Those of the talk: of the tunnels' own flows the large ones, for IPv6 also speaks unasked.
Flows flows_of(const Snapshot& all, bool leaving, bool is_opened) {
  Flows out;
  for (const FlowRecord& f : all.flows) {
    if (is_leaving(f.key.origin) != leaving || (is_opened && !is_inside(f.key.source))) continue;
    FlowKey key = f.key;
    key.origin = 0;
    auto& [packets, bytes, squares, overhead, flags] = out[key];
    packets += f.packets;
    bytes += f.bytes;
    squares += f.sum_squared_bytes;
    overhead += f.overhead_bytes;
    flags |= f.tcp_flags();
  }
  if (!is_opened) std::erase_if(out, [](const auto& flow) { return std::get<0>(flow.second) < kMany; });
  return out;
}

std::uint64_t payload_of(const Flows& flows, const std::string& source, std::uint8_t protocol) {
  std::uint64_t sum = 0;
  for (const auto& [key, counts] : flows)
    if (key.protocol == protocol && key.source.to_string() == source) sum += std::get<1>(counts) - std::get<3>(counts);
  return sum;
}

std::string described(const Flows::value_type& flow) {
  const auto& [packets, bytes, squares, overhead, flags] = flow.second;
  return flow.first.source.to_string() + " > " + flow.first.destination.to_string() + " protocol " +
         std::to_string(flow.first.protocol) + " port " + std::to_string(flow.first.destination_port) + ": " +
         std::to_string(packets) + " packets, " + std::to_string(bytes) + " bytes, " + std::to_string(overhead) +
         " of headers, flags " + std::to_string(flags) + "\n";
}

void expect_same(const Flows& left, const Flows& arrived) {
  std::string difference;
  for (const auto& flow : left)
    if (arrived.count(flow.first) == 0 || arrived.at(flow.first) != flow.second) difference += "left:    " + described(flow);
  for (const auto& flow : arrived)
    if (left.count(flow.first) == 0 || left.at(flow.first) != flow.second) difference += "arrived: " + described(flow);
  EXPECT_EQ(difference, "");
}

/// A TCP connection and pings through real tunnels, watched on the wire at both ends: here XDP counts what arrives and tc
/// what leaves; there too, or there tc counts arrivals, which come merged. What leaves one end must arrive at the other.
class LiveTunnel : public PrivateNetworkTest, public testing::WithParamInterface<std::tuple<XdpMode, bool>> {
 protected:
  void SetUp() override {
    PrivateNetworkTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    make_veth("va", "vb");
    other_.emplace();
    run("ip link set vb netns " + other_->path());
    make_outside(1);
    other_->run_inside([] { make_outside(2); });
    const std::vector<Tunnel> opened =
        is_opened() ? std::vector{Tunnel::kVxlan, Tunnel::kGre, Tunnel::kIpInIp, Tunnel::kMpls} : std::vector<Tunnel>{};
    here_.emplace("va", XdpMode::kNative, EgressMode::kOn, TcWay::kAuto, opened);
    other_->run_inside([&] { there_.emplace("vb", std::get<XdpMode>(GetParam()), EgressMode::kOn, TcWay::kAuto, opened); });
  }
  void TearDown() override {
    if (other_) other_->run_inside([this] { there_.reset(); });
  }

  static bool is_opened() { return std::get<bool>(GetParam()); }

  void talk(const Kind& kind, const std::string& inside) {
    make_tunnel(kind, inside, 1);
    other_->run_inside([&] { make_tunnel(kind, inside, 2); });
    std::this_thread::sleep_for(kCalm);
    transfer(*other_, (inside + "2").c_str(), kPort, kUp, kDown);
    run("ping -q -c " + std::to_string(kPings) + " -i 0.05 -W 5 -s " + std::to_string(kPingBytes) + " " + inside + "2");
    run("ip link del tun");
    other_->run_inside([] { run("ip link del tun"); });
  }

  void compare(const Kind& kind, const std::string& inside) {
    const Snapshot &a = here_->read(), &b = there_->read();
    const Flows left_a = flows_of(a, true, is_opened()), left_b = flows_of(b, true, is_opened());
    expect_same(left_a, flows_of(b, false, is_opened()));
    expect_same(left_b, flows_of(a, false, is_opened()));
    EXPECT_EQ(a.totals.overflow_packets + b.totals.overflow_packets, 0u);
    for (const auto& [key, counts] : left_a) EXPECT_EQ(is_inside(key.source), is_opened()) << key.source.to_string();
    if (!is_opened()) return;
    EXPECT_GE(payload_of(left_a, inside + "1", IPPROTO_TCP), kUp) << "what the sender sent, and what it had to repeat";
    EXPECT_GE(payload_of(left_b, inside + "2", IPPROTO_TCP), kDown);
    const std::uint8_t icmp = kind.is_v6_inside ? 58 : 1;
    EXPECT_GE(payload_of(left_a, inside + "1", icmp), kPings * kPingBytes);
  }

 private:
  std::optional<OtherNetwork> other_;
  std::optional<Watch> here_, there_;
};

TEST_P(LiveTunnel, BothEndsOfTheWireCountTheSame) {
  const std::vector<Kind> kinds = kinds_here();
  for (std::size_t n = 0; n < kinds.size(); ++n) {
    SCOPED_TRACE(kinds[n].name);
    const std::string inside = inner_network(kinds[n], n + 1);
    ASSERT_NO_FATAL_FAILURE(talk(kinds[n], inside));
    compare(kinds[n], inside);
  }
}

INSTANTIATE_TEST_SUITE_P(Arrivals, LiveTunnel,
                         testing::Combine(testing::Values(XdpMode::kNative, XdpMode::kTc), testing::Bool()),
                         [](const auto& p) {
                           return std::string(std::get<XdpMode>(p.param) == XdpMode::kTc ? "tc" : "xdp") +
                                  (std::get<bool>(p.param) ? "_inside" : "_outside");
                         });

}  // namespace
}  // namespace weir::test
