#include "sensor/interface_watch.h"

#include <bpf/libbpf.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>

#include "netns/live_sender.h"
#include "netns/raw_socket.h"
#include "netns/two_networks.h"
#include "sensor/flow_meter.h"
#include "sensor/live_source.h"
#include "support/packet_builder.h"
#include "support/private_network.h"

namespace weir::test {
namespace {

std::uint32_t program_on(const std::string& interface) {
  bpf_xdp_query_opts query{};
  query.sz = sizeof query;
  bpf_xdp_query(static_cast<int>(if_nametoindex(interface.c_str())), 0, &query);
  return query.drv_prog_id != 0 ? query.drv_prog_id : query.skb_prog_id;
}

/// Cables: what is sent into pN arrives on vN, where the sensor may sit.
class InterfaceWatchTest : public PrivateNetworkTest {
 protected:
  static void lay_cable(int n) { make_veth("p" + std::to_string(n), "v" + std::to_string(n)); }

  void start(std::vector<InterfaceOptions> interfaces) {
    auto started = LiveSource::start({.interfaces = std::move(interfaces), .flows = 1024});
    ASSERT_TRUE(started) << started.error().what;
    live_ = std::move(*started);
  }

  /// One tick of the daemon.
  void tick() {
    ASSERT_TRUE(live_->read_tick(snapshot_));
    ASSERT_TRUE(snapshot_.totals.is_conserved());
    const auto followed = live_->follow_interfaces();
    ASSERT_TRUE(followed) << followed.error().what;
  }

  /// Frames into pN; each vN's packets are told from the others' by their port.
  static void send(int n, std::size_t frames) {
    const auto port = static_cast<std::uint16_t>(7000 + n);
    send_frames(("p" + std::to_string(n)).c_str(),
                std::vector<Bytes>(frames, PacketBuilder().ip4("10.8.0.1", "10.8.0.2").udp(1, port).build()));
  }

  const WatchedInterface* find(const std::string& name) const {
    const auto& all = live_->watch().interfaces();
    const auto at = std::find_if(all.begin(), all.end(), [&](const WatchedInterface& i) { return i.name == name; });
    return at == all.end() ? nullptr : &*at;
  }
  bool is_attached(const std::string& name) const {
    const auto* found = find(name);
    return found != nullptr && found->state == WatchState::kAttached && program_on(name) != 0;
  }
  std::uint64_t packets(const std::string& name) const { return find(name) != nullptr ? find(name)->packets : 0; }
  std::uint64_t count(WatchState state) const { return live_->watch().state_counts()[static_cast<std::size_t>(state)]; }

  static Error refusal(std::vector<InterfaceOptions> interfaces) {
    const auto started = LiveSource::start({.interfaces = std::move(interfaces), .flows = 1024});
    EXPECT_FALSE(started);
    return started ? Error{} : started.error();
  }

  static InterfaceOptions mirror(const char* name) {
    InterfaceOptions out(name);
    out.mirror = true;
    return out;
  }

  std::unique_ptr<LiveSource> live_;
  Snapshot snapshot_;
};

TEST_F(InterfaceWatchTest, AttachesWhereverAPatternMatches) {
  for (const int n : {1, 2, 3}) lay_cable(n);
  start({"v[12]"});
  EXPECT_TRUE(is_attached("v1") && is_attached("v2"));
  EXPECT_EQ(program_on("v3"), 0u);
  EXPECT_EQ(program_on("p1"), 0u);
}

TEST_F(InterfaceWatchTest, APatternWaitsForItsFirstInterface) {
  start({"v*"});
  ASSERT_NE(find("v*"), nullptr);
  EXPECT_EQ(find("v*")->state, WatchState::kWaiting);
  lay_cable(1);
  tick();
  EXPECT_TRUE(is_attached("v1"));
  EXPECT_EQ(find("v*"), nullptr);
  send(1, 5);
  tick();
  EXPECT_EQ(packets("v1"), 5u);
}

TEST_F(InterfaceWatchTest, CountsOfInterfacesThatComeUnderTrafficAreTheDevices) {
  lay_cable(1);
  start({"v*"});
  for (int n = 2; n <= 5; ++n) {
    lay_cable(n);
    for (int old = 1; old < n; ++old) send(old, 40 + static_cast<std::size_t>(old));  // while the table is about to change
    tick();
    ASSERT_TRUE(is_attached("v" + std::to_string(n)));
    for (int each = 1; each <= n; ++each) send(each, 20);
  }
  tick();
  for (int n = 1; n <= 5; ++n) {
    const std::string name = "v" + std::to_string(n);
    EXPECT_EQ(packets(name), read_device(name).received_packets) << name;
    EXPECT_GT(packets(name), 0u);
  }
}

TEST_F(InterfaceWatchTest, PacketsUnderWayNeverCountForAnotherInterface) {
  lay_cable(1);
  start({"lo", "v1", "v*"});  // not in slot 0, which is what a packet of nobody's would count for
  LiveSender sender("p1", {.flows = 64, .packets = 50'000'000});
  std::map<std::uint32_t, std::uint64_t> by_slot;
  for (int round = 0; round < 12; ++round) {  // each changes the table twice
    lay_cable(2 + round % 5);
    tick();
    for (const FlowRecord& flow : snapshot_.flows) by_slot[flow.key.origin >> WEIR_ORIGIN_INTERFACE_SHIFT] += flow.packets;
    run("ip link del p" + std::to_string(2 + round % 5));
    tick();
    for (const FlowRecord& flow : snapshot_.flows) by_slot[flow.key.origin >> WEIR_ORIGIN_INTERFACE_SHIFT] += flow.packets;
  }
  sender.stop();
  sender.join();
  EXPECT_EQ(by_slot.size(), 1u) << "all of it arrived on v1";
  EXPECT_GT(by_slot[1], 0u);
}

TEST_F(InterfaceWatchTest, AnInterfaceThatIsMadeAnewIsWatchedAnewAndItsCountsGoOn) {
  lay_cable(1);
  lay_cable(2);
  start({"v1", "v2"});
  send(1, 7);
  send(2, 3);
  run("ip link del v1");
  tick();
  ASSERT_NE(find("v1"), nullptr);
  EXPECT_EQ(find("v1")->state, WatchState::kWaiting);
  EXPECT_EQ(packets("v1"), 7u) << "its last packets are not lost";
  lay_cable(1);
  tick();
  ASSERT_TRUE(is_attached("v1"));
  send(1, 11);
  send(2, 1);
  tick();
  EXPECT_EQ(packets("v1"), 18u);
  EXPECT_EQ(packets("v2"), 4u);
}

TEST_F(InterfaceWatchTest, AnInterfaceThatWentAndCameBetweenTicksIsWatchedAnew) {
  run("ip link add v1 index 77 type veth peer name p1 && ip link set p1 up && ip link set v1 up");
  start({"v1"});
  run("ip link del v1");
  run("ip link add v1 index 77 type veth peer name p1 && ip link set p1 up && ip link set v1 up");
  ASSERT_EQ(program_on("v1"), 0u);
  tick();
  EXPECT_TRUE(is_attached("v1"));
}

TEST_F(InterfaceWatchTest, ASlotIsUsedAgainOnlyWhenItsRecordsAreDrained) {
  for (int n = 1; n <= 8; ++n) lay_cable(n);
  start({"v*"});
  EXPECT_EQ(count(WatchState::kAttached), 8u);
  send(3, 9);
  run("ip link del p3");
  lay_cable(9);
  tick();  // v3's packets are drained, v3 is released
  ASSERT_NE(find("v9"), nullptr);
  EXPECT_EQ(find("v9")->state, WatchState::kWaiting);
  tick();
  EXPECT_EQ(find("v9")->state, WatchState::kWaiting);
  tick();
  EXPECT_TRUE(is_attached("v9"));
  EXPECT_EQ(packets("v9"), 0u);
  send(9, 2);
  tick();
  EXPECT_EQ(packets("v9"), 2u);
}

TEST_F(InterfaceWatchTest, MoreThanEightAreRefusedAndCounted) {
  for (int n = 1; n <= 9; ++n) lay_cable(n);
  start({"v*"});
  EXPECT_EQ(count(WatchState::kAttached), 8u);
  EXPECT_EQ(count(WatchState::kRefused), 1u);
  const auto& all = live_->watch().interfaces();
  EXPECT_NE(all.back().reason.find("at most 8"), std::string::npos) << all.back().reason;
}

TEST_F(InterfaceWatchTest, PatternsLeaveRoomForANameThatIsAway) {
  lay_cable(0);
  run("ip link set v0 down && ip link set v0 name wan0 && ip link set wan0 up");
  for (int n = 1; n <= 7; ++n) lay_cable(n);
  start({"v*", "wan0"});
  run("ip link del wan0");
  lay_cable(8);
  for (int i = 0; i < 15; ++i) tick();  // longer than anything is waited for
  EXPECT_EQ(count(WatchState::kAttached), 7u);
  lay_cable(0);
  run("ip link set v0 down && ip link set v0 name wan0 && ip link set wan0 up");
  tick();
  EXPECT_TRUE(is_attached("wan0"));
}

TEST_F(InterfaceWatchTest, ARenamedInterfaceIsKeptReleasedOrTakenByItsNewName) {
  lay_cable(1);
  start({"v*"});
  const std::uint32_t program = program_on("v1");
  const auto rename = [](const std::string& from, const std::string& to) {
    run("ip link set " + from + " down && ip link set " + from + " name " + to + " && ip link set " + to + " up");
  };
  rename("v1", "v7");
  tick();
  EXPECT_TRUE(is_attached("v7"));
  EXPECT_EQ(find("v1"), nullptr);
  EXPECT_EQ(program_on("v7"), program);
  rename("v7", "lan7");
  tick();
  EXPECT_EQ(find("v7"), nullptr);
  EXPECT_EQ(program_on("lan7"), 0u);
  rename("lan7", "v1");
  tick();
  EXPECT_TRUE(is_attached("v1")) << "though the slot of the same device is still being emptied";
  send(1, 4);
  tick();
  EXPECT_EQ(packets("v1"), 4u);
}

TEST_F(InterfaceWatchTest, SomebodyElsesProgramOnAMatchedInterfaceIsLeftAloneAndTriedAgain) {
  lay_cable(1);
  lay_cable(2);
  const auto theirs = FlowMeter::load({.size = {.sets4 = 16, .sets6 = 16, .host_sets = 4, .filter_words = 16}});
  ASSERT_TRUE(theirs);
  auto attachment = attach(*theirs, "v1", XdpMode::kAuto);
  ASSERT_TRUE(attachment);
  const std::uint32_t id = program_on("v1");
  start({"v*"});
  EXPECT_TRUE(is_attached("v2"));
  ASSERT_NE(find("v1"), nullptr);
  EXPECT_EQ(find("v1")->state, WatchState::kRefused);
  EXPECT_NE(find("v1")->reason.find("XDP program " + std::to_string(id) + " "), std::string::npos) << find("v1")->reason;
  EXPECT_NE(find("v1")->reason.find("another weir"), std::string::npos) << find("v1")->reason;
  EXPECT_EQ(program_on("v1"), id);
  attachment->link = {};
  for (int i = 0; i < 12; ++i) tick();
  EXPECT_TRUE(is_attached("v1"));
}

TEST_F(InterfaceWatchTest, APatternWhoseOnlyInterfaceIsTakenIsAFailureAtTheStart) {
  lay_cable(1);
  const auto theirs = FlowMeter::load({.size = {.sets4 = 16, .sets6 = 16, .host_sets = 4, .filter_words = 16}});
  const auto attachment = attach(*theirs, "v1", XdpMode::kAuto);
  ASSERT_TRUE(attachment);
  EXPECT_EQ(refusal({"v*"}).code, EBUSY);
}

TEST_F(InterfaceWatchTest, ANameTwiceIsRefused) {
  lay_cable(1);
  const Error error = refusal({"v1", "v1"});
  EXPECT_EQ(error.code, EINVAL);
  EXPECT_EQ(program_on("v1"), 0u);
}

/// Whether a file has the word in any line.
bool has_word(const std::string& path, const std::string& word) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (line.find(word) != std::string::npos) return true;
  return false;
}

/// Those of this kernel: not every one has bonds and VLANs, built in or as modules.
std::vector<std::string> stacked_kinds() {
  utsname kernel{};
  uname(&kernel);
  const std::string modules = std::string("/lib/modules/") + kernel.release + "/modules.dep";
  std::vector<std::string> kinds = {"bridge", "macvlan"};
  if (has_word("/proc/kallsyms", " bond_setup") || has_word(modules, "/bonding.ko")) kinds.emplace_back("bond");
  if (has_word("/proc/kallsyms", " vlan_setup") || has_word(modules, "/8021q.ko")) kinds.emplace_back("vlan");
  return kinds;
}

/// A device above v1, by kind. Frames that are built here are for its own hardware address.
class StackedDevices : public InterfaceWatchTest, public testing::WithParamInterface<std::string> {
 protected:
  void SetUp() override {
    InterfaceWatchTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    const std::string kind = GetParam();
    lay_cable(1);
    if (kind == "vlan") run("ip link add link v1 name top0 type vlan id 5");
    if (kind == "macvlan") run("ip link add link v1 name top0 type macvlan mode bridge");
    if (kind == "bridge") run("ip link add top0 type bridge && ip link set v1 master top0");
    if (kind == "bond") run("ip link add top0 type bond && ip link set v1 down && ip link set v1 master top0");
    run("ip link set top0 address 02:02:02:02:02:02 && sysctl -qw net.ipv6.conf.top0.disable_ipv6=1");
    run("ip link set v1 up && ip link set top0 up arp off");
    // Netfilter in a bridge drops IPv4 without a checksum, which is what is built here.
    if (kind == "bridge") run("sysctl -qw net.bridge.bridge-nf-call-iptables=0 2>/dev/null || true");
    if (kind == "bridge") run("until ip -d link show v1 | grep -q 'state forwarding'; do sleep 0.05; done");
  }

  static bool is_vlan() { return GetParam() == "vlan"; }
  static PacketBuilder frame_for_top() { return is_vlan() ? PacketBuilder().vlan(5) : PacketBuilder(); }
};

TEST_P(StackedDevices, NamedTogetherAreRefused) {
  for (const auto& both : {std::vector<InterfaceOptions>{"v1", "top0"}, {"top0", "v1"}}) {
    const Error error = refusal(both);
    EXPECT_EQ(error.code, EOPNOTSUPP);
    EXPECT_NE(error.what.find("top0 lies on top of v1"), std::string::npos) << error.what;
    EXPECT_NE(error.what.find("name one of the two"), std::string::npos) << error.what;
  }
  EXPECT_EQ(program_on("v1"), 0u);
}

TEST_P(StackedDevices, MatchedTogetherCountOnce) {
  start({"v1", "t*"});
  EXPECT_TRUE(is_attached("v1"));
  ASSERT_NE(find("top0"), nullptr);
  EXPECT_EQ(find("top0")->state, WatchState::kLeftOut);
  EXPECT_EQ(program_on("top0"), 0u);
  send(1, 6);
  tick();
  EXPECT_EQ(snapshot_.totals.flow_packets, 6u);
}

TEST_P(StackedDevices, MayNotLieOnAMirror) {
  const Error error = refusal({mirror("v1")});
  EXPECT_EQ(error.code, EOPNOTSUPP);
  EXPECT_NE(error.what.find("top0"), std::string::npos) << error.what;
}

/// Beside another interface, which comes first: that is where packets of nobody's would be counted.
TEST_P(StackedDevices, TheUpperAloneCountsWhatWasSentToIt) {
  lay_cable(2);
  start({"v2", "top0"});
  ASSERT_TRUE(is_attached("v2"));
  ASSERT_EQ(find("top0")->state, WatchState::kAttached) << find("top0")->reason;
  std::vector<Bytes> frames;
  std::size_t bytes = 0;
  for (std::uint16_t i = 0; i < 500; ++i) {
    frames.push_back(frame_for_top().ip4("10.8.0.1", "10.8.0.2").udp(i % 16, 9).payload(2u * i).build());
    bytes += frames.back().size() - (is_vlan() ? 4 : 0);  // a VLAN's own device gets them without the tag
  }
  ASSERT_NO_FATAL_FAILURE(send_frames("p1", frames));
  send(2, 30);
  tick();
  EXPECT_EQ(packets("top0"), frames.size()) << find("top0")->mode;
  EXPECT_EQ(find("top0")->bytes, bytes);
  EXPECT_EQ(packets("v2"), 30u);
  EXPECT_EQ(snapshot_.totals.seen_packets, frames.size() + 30);
}

TEST_P(StackedDevices, TheLowerAloneCountsWhatWasSentThroughIt) {
  lay_cable(2);
  start({"v2", "v1"});
  ASSERT_TRUE(is_attached("v1"));
  const Bytes frame = frame_for_top().ip4("10.8.0.1", "10.8.0.2").udp(1, 9).payload(100).build();
  ASSERT_NO_FATAL_FAILURE(send_frames("p1", std::vector<Bytes>(300, frame)));
  tick();
  EXPECT_EQ(packets("v1"), 300u);
  EXPECT_EQ(find("v1")->bytes, 300u * frame.size());
  EXPECT_EQ(snapshot_.totals.seen_packets, 300u);
}

/// Merging is the lowest device's work, whatever the upper one is set to.
TEST_P(StackedDevices, WhatTheLowerWouldMergeTheUpperCountsApart) {
  if (is_vlan()) run("ip link add link p1 name sender type vlan id 5 && ip link set sender up arp off");
  const char* const sender = is_vlan() ? "sender" : "p1";
  run(std::string("ethtool -K p1 tso off gso off && ethtool -K v1 gro on && ethtool -K ") + sender + " tso off gso off");
  start({"top0"});
  ASSERT_EQ(find("top0")->state, WatchState::kAttached) << find("top0")->reason;
  const Bytes frame = PacketBuilder().ip4("10.8.0.1", "10.8.0.2").tcp(7, 443, kAck | kPsh).payload(20'000).build();
  send_merged(sender, frame, 54, 1000, 54);
  tick();
  EXPECT_EQ(packets("top0"), 20u) << find("top0")->mode;
  EXPECT_EQ(find("top0")->bytes, 20u * 1054);
  EXPECT_FALSE(find("top0")->has_lower_bounds());
  live_.reset();
  EXPECT_TRUE(is_gro_on("v1").value());
}

INSTANTIATE_TEST_SUITE_P(Kinds, StackedDevices, testing::ValuesIn(stacked_kinds()),
                         [](const auto& kind) { return kind.param; });

std::vector<std::string> kinds_with_ports() {
  std::vector<std::string> kinds = stacked_kinds();
  std::erase_if(kinds, [](const std::string& kind) { return kind != "bond" && kind != "bridge"; });
  return kinds;
}

class DevicesWithPorts : public StackedDevices {};

TEST_P(DevicesWithPorts, CountWhatArrivesOnAPortThatJoinsLater) {
  lay_cable(2);
  start({"v2", "top0"});
  lay_cable(3);
  run("ip link set v3 down && ip link set v3 master top0 && ip link set v3 up");
  if (GetParam() == "bridge") run("until ip -d link show v3 | grep -q 'state forwarding'; do sleep 0.05; done");
  tick();
  send(3, 40);
  send(2, 7);
  tick();
  EXPECT_EQ(packets("top0"), 40u) << find("top0")->mode;
  EXPECT_EQ(packets("v2"), 7u);
}

INSTANTIATE_TEST_SUITE_P(Kinds, DevicesWithPorts, testing::ValuesIn(kinds_with_ports()),
                         [](const auto& kind) { return kind.param; });

TEST_F(InterfaceWatchTest, APortThatJoinsAWatchedBridgeLeavesTheBridgeOut) {
  lay_cable(1);
  run("ip link add br0 type bridge && ip link set br0 up");
  start({"v1", "br0"});
  ASSERT_TRUE(is_attached("br0"));
  run("ip link set v1 master br0");
  tick();
  EXPECT_TRUE(is_attached("v1"));
  EXPECT_EQ(find("br0")->state, WatchState::kLeftOut);
  EXPECT_EQ(program_on("br0"), 0u);
}

/// Drops by XDP, as the device counts them.
std::uint64_t device_drops(const std::string& interface) {
  std::uint64_t drops = 0;
  std::FILE* pipe = popen(("ethtool -S " + interface).c_str(), "r");
  char line[256];
  while (std::fgets(line, sizeof line, pipe) != nullptr)
    if (const char* found = std::strstr(line, "_xdp_drops: ")) drops += std::strtoull(found + 12, nullptr, 10);
  EXPECT_EQ(pclose(pipe), 0);
  return drops;
}

TEST_F(InterfaceWatchTest, AMirrorDropsAllThatItCountsAndTheOthersPass) {
  lay_cable(1);
  lay_cable(2);
  start({mirror("v1"), "v2"});
  EXPECT_TRUE(find("v1")->mirror);
  EXPECT_FALSE(find("v2")->mirror);
  send(1, 70);
  send(2, 30);
  tick();
  EXPECT_EQ(packets("v1"), 70u);
  EXPECT_EQ(packets("v2"), 30u);
  EXPECT_EQ(device_drops("v1"), 70u);
  EXPECT_EQ(device_drops("v2"), 0u);
}

TEST_F(InterfaceWatchTest, AMirrorWithAnAddressIsRefused) {
  lay_cable(1);
  run("ip addr add 10.9.0.1/24 dev v1 label v1:7");
  const Error error = refusal({mirror("v1")});
  EXPECT_EQ(error.code, EOPNOTSUPP);
  EXPECT_NE(error.what.find("v1: mirror"), std::string::npos) << error.what;
  EXPECT_NE(error.what.find("it has an address"), std::string::npos) << error.what;
  EXPECT_EQ(program_on("v1"), 0u);
}

TEST_F(InterfaceWatchTest, ALinkLocalAddressDoesNotKeepAMirrorFromBeingOne) {
  lay_cable(1);
  run("sysctl -qw net.ipv6.conf.v1.disable_ipv6=0 && ip addr add fe80::1/64 dev v1 nodad");
  start({mirror("v1")});
  EXPECT_TRUE(find("v1")->mirror);
  run("ip addr add 2001:db8::1/64 dev v1 nodad");
  tick();
  EXPECT_FALSE(find("v1")->mirror);
}

TEST_F(InterfaceWatchTest, AnAddressEndsAMirrorForGood) {
  lay_cable(1);
  start({mirror("v1")});
  send(1, 4);
  run("ip addr add 10.9.0.1/24 dev v1");
  tick();
  EXPECT_FALSE(find("v1")->mirror);
  EXPECT_EQ(find("v1")->mirror_reason, "it has an address");
  send(1, 8);
  run("ip addr del 10.9.0.1/24 dev v1");
  tick();
  EXPECT_FALSE(find("v1")->mirror) << "an address that is renewed goes for a moment";
  send(1, 16);
  tick();
  EXPECT_EQ(packets("v1"), 28u);
  EXPECT_EQ(device_drops("v1"), 4u);
}

TEST_F(InterfaceWatchTest, TheSlotOfAMirrorThatWentDropsNothingOfItsSuccessor) {
  for (int n = 1; n <= 8; ++n) lay_cable(n);
  start({mirror("v1"), "v[2-9]"});
  ASSERT_EQ(count(WatchState::kAttached), 8u);
  run("ip link del p1 && ip link del p2");
  lay_cable(9);
  for (int i = 0; i < 3; ++i) tick();
  ASSERT_TRUE(is_attached("v9"));
  send(9, 12);
  tick();
  EXPECT_EQ(packets("v9"), 12u);
  EXPECT_EQ(device_drops("v9"), 0u);
}

}  // namespace
}  // namespace weir::test
