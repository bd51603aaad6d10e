#include "sensor/departures.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <thread>
#include <vector>

#include "netns/raw_socket.h"
#include "netns/two_networks.h"
#include "sensor/live_source.h"
#include "support/private_network.h"

namespace weir::test {
namespace {

constexpr std::uint16_t kPort = 8080;

/// A flow as both ends must see it.
struct Counts {
  std::uint64_t packets = 0, bytes = 0, squares = 0, overhead = 0;
  std::array<unsigned, 5> events{};  // without those that a busy flow saturates
  auto operator<=>(const Counts&) const = default;
};
using Flows = std::map<FlowKey, Counts>;

/// What arrived, or what left; the origin is left out.
Flows flows_of(const Snapshot& all, bool leaving) {
  Flows out;
  for (const FlowRecord& f : all.flows) {
    if (is_leaving(f.key.origin) != leaving) continue;
    FlowKey key = f.key;
    key.origin = key.origin & WEIR_ORIGIN_VLAN_MASK;
    Counts& c = out[key];
    c.packets += f.packets;
    c.bytes += f.bytes;
    c.squares += f.sum_squared_bytes;
    c.overhead += f.overhead_bytes;
    c.events[0] |= f.tcp_flags();
    for (std::size_t i = 1; i < c.events.size(); ++i) c.events[i] += f.events[i];
  }
  return out;
}

std::uint64_t packets_of(const Flows& flows) {
  std::uint64_t sum = 0;
  for (const auto& [key, counts] : flows) sum += counts.packets;
  return sum;
}

sockaddr_in address_of(const char* text, std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  inet_pton(AF_INET, text, &out.sin_addr);
  return out;
}

/// va in the test's network, vb in another one: 10.9.0.1 and 10.9.0.2.
class DeparturesTest : public PrivateNetworkTest {
 protected:
  void SetUp() override {
    PrivateNetworkTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    make_veth("va", "vb");
    other_.emplace();
    run("ip link set vb netns " + other_->path());
    run("ip link set va arp on && ip addr add 10.9.0.1/24 dev va");
    other_->run_inside([] { run("ip link set vb arp on up && ip addr add 10.9.0.2/24 dev vb"); });
  }

  /// The client here sends `up` bytes, the server there answers with `down`, both close.
  void talk(std::size_t up, std::size_t down) { transfer(*other_, "10.9.0.2", kPort, up, down); }

  OtherNetwork& other() { return *other_; }

 private:
  std::optional<OtherNetwork> other_;
};

std::uint64_t runs_of(int program) {
  bpf_prog_info info{};
  __u32 size = sizeof info;
  EXPECT_EQ(bpf_obj_get_info_by_fd(program, &info, &size), 0);
  return info.run_cnt;
}

/// Each end counts both directions; what one says has left, the other's native XDP says has arrived.
class BothEnds : public DeparturesTest, public testing::WithParamInterface<std::tuple<TcWay, bool>> {};

TEST_P(BothEnds, AgreeOnATcpConnection) {
  const auto [way, merges] = GetParam();
  if (!merges) {
    run("ip link set va gso_max_segs 1 && ethtool -K va tso off gso off gro off");
    other().run_inside([] { run("ip link set vb gso_max_segs 1 && ethtool -K vb tso off gso off gro off"); });
  }
  const UniqueFd statistics(bpf_enable_stats(BPF_STATS_RUN_TIME));
  std::optional<Watch> here, there;
  here.emplace("va", XdpMode::kNative, EgressMode::kAuto, way);
  other().run_inside([&, w = way] { there.emplace("vb", XdpMode::kNative, EgressMode::kAuto, w); });
  talk(3'000'000, 2'000'000);
  // The last ACK may still be on its way when both programs have read everything.
  run("ping -c 1 -W 5 10.9.0.2");
  const Snapshot &a = here->read(), &b = there->read();
  const Flows left_a = flows_of(a, true), left_b = flows_of(b, true);
  EXPECT_EQ(left_a.size(), 2u) << "TCP and ping";
  EXPECT_TRUE(left_a == flows_of(b, false));
  EXPECT_TRUE(left_b == flows_of(a, false));
  EXPECT_EQ(a.totals.merged_frames[0] + b.totals.merged_frames[0], 0u);
  EXPECT_EQ(here->attachment().departures, Departures::kCounted);
  const std::uint64_t frames = runs_of(here->meter().egress_program());
  const std::uint64_t packets = packets_of(left_a) + a.totals.all_undecoded_packets() / 2;  // ARP: one each way
  if (merges) {
    EXPECT_LT(frames, packets / 2) << "nothing was merged: this proves less than it should";
  } else {
    EXPECT_GE(frames, packets_of(left_a));
  }
  other().run_inside([&] { there.reset(); });
}

INSTANTIATE_TEST_SUITE_P(Ways, BothEnds, testing::Combine(testing::Values(TcWay::kTcx, TcWay::kClsact), testing::Bool()),
                         [](const auto& p) {
                           return std::string(std::get<0>(p.param) == TcWay::kTcx ? "tcx" : "clsact") +
                                  (std::get<1>(p.param) ? "_merging" : "_apart");
                         });

TEST_F(DeparturesTest, CountsEachDatagramOfASegmentedSend) {
  Watch watch("va", XdpMode::kNative, EgressMode::kAuto);
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM, 0));
  const int segment = 1000;
  ASSERT_EQ(setsockopt(socket.get(), IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment), 0) << std::strerror(errno);
  const sockaddr_in there = address_of("10.9.0.2", 9999);
  const Bytes data(9500, 'w');
  ASSERT_EQ(sendto(socket.get(), data.data(), data.size(), 0, reinterpret_cast<const sockaddr*>(&there), sizeof there), 9500)
      << std::strerror(errno);
  run("ping -c 1 -W 5 10.9.0.2");
  for (const auto& [key, counts] : flows_of(watch.read(), true)) {
    if (key.protocol != IPPROTO_UDP) continue;
    EXPECT_EQ(counts.packets, 10u);
    EXPECT_EQ(counts.bytes, 10u * 42 + 9500);
    EXPECT_EQ(counts.squares, 9u * 1042 * 1042 + 542 * 542);
    EXPECT_EQ(counts.overhead, 10u * 42);
    return;
  }
  ADD_FAILURE() << "the datagrams were not seen";
}

/// Gives each frame that leaves an interface a VLAN tag, as a VLAN device does: beside the frame, for the device to put in.
/// It comes before all programs that are there. Nothing where the kernel has no tcx.
UniqueFd tag_frames(int ifindex, int vlan) {
  const std::array<bpf_insn, 5> code = {
      bpf_insn{BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, htons(0x8100)}, bpf_insn{BPF_ALU64 | BPF_MOV | BPF_K, 3, 0, 0, vlan},
      bpf_insn{BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_skb_vlan_push}, bpf_insn{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, -1},
      bpf_insn{BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
  const UniqueFd program(bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "tag", "GPL", code.data(), code.size(), nullptr));
  EXPECT_TRUE(program) << std::strerror(errno);
  bpf_link_create_opts first{};
  first.sz = sizeof first;
  first.flags = 1 << 3;                                                                                // BPF_F_BEFORE
  return UniqueFd(bpf_link_create(program.get(), ifindex, static_cast<bpf_attach_type>(47), &first));  // BPF_TCX_EGRESS
}

TEST_F(DeparturesTest, CountTheTagThatStandsBesideTheFrame) {
  Watch watch("va", XdpMode::kNative, EgressMode::kAuto);
  const UniqueFd tagging = tag_frames(watch.attachment().ifindex, 7);
  if (!tagging) GTEST_SKIP() << "this kernel has no tcx to tag frames with";
  const Bytes inner = PacketBuilder().vlan(9).ip4().udp(1, 3).payload(100).build();
  send_merged("va", PacketBuilder().ip4().udp(1, 2).payload(100).build(), 0, 0, 0);
  send_merged("va", inner, 0, 0, 0);
  send_merged("va", PacketBuilder().ip4().tcp(1, 4).payload(2500).build(), 54, 1000, 54);
  std::map<std::uint16_t, std::pair<unsigned, Counts>> left;
  for (const auto& [key, counts] : flows_of(watch.read(), true)) left[key.destination_port] = {key.origin, counts};
  ASSERT_EQ(left.size(), 3u);
  EXPECT_EQ(left[2].first, 7u);
  EXPECT_EQ(left[2].second.bytes, 142u + 4);
  EXPECT_EQ(left[2].second.overhead, 42u + 4);
  EXPECT_EQ(left[3].first, 9u) << "the innermost tag";
  EXPECT_EQ(left[3].second.bytes, inner.size() + 4);
  EXPECT_EQ(left[4].second.packets, 3u);
  EXPECT_EQ(left[4].second.bytes, 3u * (54 + 4) + 2500);
  EXPECT_EQ(left[4].second.overhead, 3u * (54 + 4));
}

TEST_F(DeparturesTest, TcOnArrivalTakesTheTagFromBesideTheFrame) {
  std::optional<Watch> there;
  other().run_inside([&] { there.emplace("vb", XdpMode::kTc, EgressMode::kOff); });
  EXPECT_NE(there->attachment().ingress.way(), "");
  const Bytes one = PacketBuilder().vlan(9).ip4().udp(1, 2).payload(100).build();
  const Bytes two = PacketBuilder().service_vlan(5).vlan(9).ip4().udp(1, 3).payload(100).build();
  ASSERT_NO_FATAL_FAILURE(send_frames("va", {one, two}));
  std::map<std::uint16_t, std::uint64_t> bytes;
  for (const auto& [key, counts] : flows_of(there->read(), false)) {
    EXPECT_EQ(key.origin, 9);
    bytes[key.destination_port] += counts.bytes;
  }
  EXPECT_EQ(bytes, (std::map<std::uint16_t, std::uint64_t>{{2, one.size()}, {3, two.size()}}));
  other().run_inside([&] { there.reset(); });
}

/// One frame of a virtual machine, which the stack cuts only where it must.
class MergedFrame : public DeparturesTest {
 protected:
  /// What vb counts of a frame of 20 segments that leaves va.
  Snapshot arrives(XdpMode mode) {
    std::optional<Watch> there;
    other().run_inside([&] { there.emplace("vb", mode, EgressMode::kOff); });
    const Bytes frame = PacketBuilder().ip4("10.8.0.1", "10.8.0.2").tcp(7, 443, kAck | kPsh).payload(20'000).build();
    send_merged("va", frame, 54, 1000, 54);
    Snapshot out = there->read();
    other().run_inside([&] { there.reset(); });
    return out;
  }
};

TEST_F(MergedFrame, IsOneTooLongPacketForGenericXdp) {
  const Snapshot tick = arrives(XdpMode::kGeneric);
  EXPECT_EQ(tick.totals.flow_packets, 1u);
  EXPECT_EQ(tick.totals.merged_frames[0], 1u);
}

TEST_F(MergedFrame, ReachesNativeXdpCut) {
  const Snapshot tick = arrives(XdpMode::kNative);
  EXPECT_EQ(tick.totals.flow_packets, 20u);
  EXPECT_EQ(tick.totals.flow_bytes, 20u * 1054);
  EXPECT_EQ(tick.totals.merged_frames[0], 0u);
}

TEST_F(MergedFrame, IsCutByTcOnArrivalToo) {
  const Snapshot tick = arrives(XdpMode::kTc);
  EXPECT_EQ(tick.totals.flow_packets, 20u);
  EXPECT_EQ(tick.totals.flow_bytes, 20u * 1054);
  ASSERT_EQ(tick.flows.size(), 1u);
  EXPECT_EQ(tick.flows[0].sum_squared_bytes, 20u * 1054 * 1054);
}

TEST_F(MergedFrame, IsCutByTcWhereItLeaves) {
  Watch here("va", XdpMode::kNative, EgressMode::kOn);
  const Bytes frame = PacketBuilder().ip4("10.8.0.1", "10.8.0.2").tcp(7, 443, kAck | kPsh).payload(20'001).build();
  send_merged("va", frame, 54, 1000, 54);
  const Snapshot tick = here.read();
  EXPECT_EQ(tick.totals.flow_packets, 21u);
  EXPECT_EQ(tick.totals.flow_bytes, 20u * 1054 + 55);
}

/// Headers may lie in pieces: the programs ask for them in one.
TEST_F(DeparturesTest, ReadsHeadersThatAreNotInOnePiece) {
  run("ip link set va mtu 9000");
  other().run_inside([] { run("ip link set vb mtu 9000"); });
  Watch watch("va", XdpMode::kNative, EgressMode::kOn);
  const Bytes frame = PacketBuilder().ip6().hop_by_hop(64).tcp(7, 443, kAck, 20).payload(8000).build();
  send_merged("va", frame, 0, 0, 14);
  const Flows left = flows_of(watch.read(), true);
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left.begin()->first.destination_port, 443);
  EXPECT_EQ(left.begin()->second.bytes, frame.size());
}

class Gro : public DeparturesTest {
 protected:
  static SensorOptions generic(bool gro_off) {
    return {.interfaces = {"va"}, .flows = 1024, .xdp_mode = XdpMode::kGeneric, .gro_off = gro_off};
  }
};

TEST_F(Gro, IsOffWhileXdpIsGenericAndOnAgainAfter) {
  run("ethtool -K va gro on");
  {
    const auto live = LiveSource::start(generic(true));
    ASSERT_TRUE(live) << live.error().what;
    EXPECT_FALSE(is_gro_on("va").value());
    EXPECT_FALSE((*live)->watch().interfaces()[0].may_be_merged);
  }
  EXPECT_TRUE(is_gro_on("va").value());
}

TEST_F(Gro, StaysOffWhereItWasOff) {
  run("ethtool -K va gro off");
  static_cast<void>(LiveSource::start(generic(true)).value());
  EXPECT_FALSE(is_gro_on("va").value());
}

TEST_F(Gro, StaysOnWhereThatIsNotAllowedAndCountsAreCalledLowerBounds) {
  run("ethtool -K va gro on");
  const auto live = LiveSource::start(generic(false));
  ASSERT_TRUE(live) << live.error().what;
  EXPECT_TRUE(is_gro_on("va").value());
  EXPECT_TRUE((*live)->watch().interfaces()[0].may_be_merged);
  EXPECT_NE((*live)->watch().interfaces()[0].merged_reason, "");
}

TEST_F(Gro, IsNoConcernOfNativeXdp) {
  run("ethtool -K va gro on");
  const auto live = LiveSource::start({.interfaces = {"va"}, .flows = 1024, .xdp_mode = XdpMode::kNative});
  ASSERT_TRUE(live) << live.error().what;
  EXPECT_TRUE(is_gro_on("va").value());
}

TEST_F(DeparturesTest, FallsBackToTcWhereXdpCannotAttach) {
  // The kernel lets no XDP program under a device that has one itself.
  run("ip link add link va name upper type macvlan && ip link set upper up");
  Watch upper("upper", XdpMode::kGeneric, EgressMode::kOff);
  Watch watch("va", XdpMode::kAuto, EgressMode::kAuto);
  const std::string& mode = watch.attachment().mode;
  EXPECT_TRUE(mode == "tcx" || mode == "clsact") << mode;
  EXPECT_NE(watch.attachment().reason.find("native with frags: "), std::string::npos) << watch.attachment().reason;
  EXPECT_NE(watch.attachment().reason.find("generic: "), std::string::npos) << watch.attachment().reason;
  run("ping -c 3 -i 0.01 -W 5 10.9.0.2");
  const Snapshot& all = watch.read();
  EXPECT_EQ(packets_of(flows_of(all, true)), 3u);
  EXPECT_EQ(packets_of(flows_of(all, false)), 3u);
}

TEST_F(DeparturesTest, DevicesWithoutEthernetHeaderAreRefusedByTheirKind) {
  run("ip tuntap add dev tun0 mode tun && ip link set tun0 up");
  const auto meter = FlowMeter::load({.size = Watch::kSize});
  ASSERT_TRUE(meter) << meter.error().what;
  const auto refused = attach(*meter, "tun0", XdpMode::kAuto);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, EOPNOTSUPP);
  EXPECT_NE(refused.error().what.find("link type 65534"), std::string::npos) << refused.error().what;
}

TEST_F(DeparturesTest, AreCountedWhereOneInterfaceIsWatched) {
  const auto live = LiveSource::start({.interfaces = {"va"}, .flows = 1024});
  ASSERT_TRUE(live) << live.error().what;
  EXPECT_EQ((*live)->watch().interfaces()[0].departures, Departures::kCounted);
  run("ping -c 3 -i 0.01 -W 5 10.9.0.2");
  Snapshot tick;
  ASSERT_TRUE((*live)->read_tick(tick));
  EXPECT_EQ(packets_of(flows_of(tick, true)), 3u);
  EXPECT_EQ(packets_of(flows_of(tick, false)), 3u);
}

TEST_F(DeparturesTest, AreNotCountedWhereAForwardedPacketWouldCountTwice) {
  const auto live = LiveSource::start({.interfaces = {"va", "lo"}, .flows = 1024});
  ASSERT_TRUE(live) << live.error().what;
  for (const WatchedInterface& a : (*live)->watch().interfaces()) {
    EXPECT_EQ(a.departures, Departures::kNone);
    EXPECT_NE(a.departures_reason.find("forwarded"), std::string::npos) << a.departures_reason;
  }
}

TEST_F(DeparturesTest, AreCountedTwiceOnlyWhereAskedForAndSayIt) {
  const auto live = LiveSource::start({.interfaces = {"va", "lo"}, .flows = 1024, .egress = EgressMode::kOn});
  ASSERT_TRUE(live) << live.error().what;
  for (const WatchedInterface& a : (*live)->watch().interfaces()) {
    EXPECT_EQ(a.departures, Departures::kCounted);
    EXPECT_NE(a.departures_reason.find("forwarded"), std::string::npos) << a.departures_reason;
  }
}

TEST_F(DeparturesTest, OfAnInsideInterfaceAreAnswersAndInNoSum) {
  InterfaceOptions inside("va");
  inside.role = InterfaceRole::kInside;
  const auto live = LiveSource::start({.interfaces = {"lo", inside}, .flows = 1024});
  ASSERT_TRUE(live) << live.error().what;
  EXPECT_EQ((*live)->watch().interfaces()[0].departures, Departures::kNone);
  EXPECT_EQ((*live)->watch().interfaces()[1].departures, Departures::kAnswers);
  run("ping -c 3 -i 0.01 -W 5 10.9.0.2");
  Snapshot tick;
  ASSERT_TRUE((*live)->read_tick(tick));
  EXPECT_EQ(packets_of(flows_of(tick, false)), 3u);
  EXPECT_EQ(packets_of(flows_of(tick, true)), 0u);
  EXPECT_EQ(tick.totals.flow_packets, 3u);
  EXPECT_EQ(tick.totals.answer_packets, 3u);
  EXPECT_EQ(tick.totals.answer_bytes, 3u * 98);
  ASSERT_FALSE(tick.answers.empty());
  EXPECT_EQ(tick.answers[0].key.source.to_string(), "10.9.0.1");
  EXPECT_TRUE(tick.totals.is_conserved());
  for (const PayloadSample& sample : tick.samples) EXPECT_FALSE(is_leaving(sample.key.origin));
}

}  // namespace
}  // namespace weir::test
