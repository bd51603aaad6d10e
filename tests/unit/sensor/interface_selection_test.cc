#include "sensor/interface_selection.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

Link device(int index, const std::string& name, int master = 0, int lower = 0) {
  Link link;
  link.index = index;
  link.name = name;
  link.master = master;
  link.lower = lower;
  return link;
}

std::vector<std::string> watched(const Selection& selection) {
  std::vector<std::string> names;
  for (const Candidate& c : selection.watch) names.push_back(c.link.name);
  return names;
}

using Names = std::vector<std::string>;

/// A gateway: a bond of two ports with a VLAN on it, a bridge with two ports, a port of its own with a macvlan.
std::vector<Link> gateway() {
  Link lo = device(1, "lo");
  lo.is_loopback = true;
  return {lo,
          device(2, "eth0", 10),
          device(3, "eth1", 10),
          device(4, "wan0"),
          device(10, "bond0"),
          device(11, "bond0.5", 0, 10),
          device(20, "br0"),
          device(21, "veth1", 20),
          device(22, "veth2", 20),
          device(30, "mac0", 0, 4)};
}

Selection select(const std::vector<InterfaceOptions>& wanted, const std::vector<Link>& links = gateway()) {
  return select_interfaces(wanted, links);
}

TEST(InterfaceSelection, NamesComeInTheirOrderAndPatternsAfter) {
  EXPECT_EQ(watched(select({"veth*", "wan0", "eth1"})), (Names{"wan0", "eth1", "veth1", "veth2"}));
}

TEST(InterfaceSelection, PatternsAreShellPatterns) {
  EXPECT_EQ(watched(select({"veth[2-9]"})), Names{"veth2"});
  EXPECT_EQ(watched(select({"?eth?"})), (Names{"veth1", "veth2"}));
  EXPECT_EQ(watched(select({"eth"})), Names{}) << "a name is not the beginning of one";
}

TEST(InterfaceSelection, NoPatternStandsForTheLoopback) {
  EXPECT_EQ(watched(select({"l*"})), Names{});
  EXPECT_EQ(watched(select({"lo"})), Names{"lo"});
}

TEST(InterfaceSelection, AnInterfaceTakesTheRoleOfItsNameBeforeThatOfAPattern) {
  std::vector<InterfaceOptions> wanted = {"v*", "veth1"};
  wanted[0].role = InterfaceRole::kOutside;
  wanted[1].role = InterfaceRole::kInside;
  const Selection selection = select(wanted);
  ASSERT_EQ(watched(selection), (Names{"veth1", "veth2"}));
  EXPECT_EQ(selection.watch[0].wanted.role, InterfaceRole::kInside);
  EXPECT_EQ(selection.watch[1].wanted.role, InterfaceRole::kOutside);
}

TEST(InterfaceSelection, TellsWhatMatchesNothing) {
  const Selection selection = select({"wan0", "ppp*", "eth7"});
  ASSERT_EQ(selection.unmatched.size(), 2u);
  EXPECT_EQ(selection.unmatched[0].name, "ppp*");
  EXPECT_EQ(selection.unmatched[1].name, "eth7");
}

TEST(InterfaceSelection, OfMatchedDevicesTheLowerStays) {
  const Selection selection = select({"*"});
  EXPECT_EQ(watched(selection), (Names{"eth0", "eth1", "wan0", "veth1", "veth2"}));
  ASSERT_EQ(selection.left_out.size(), 4u);
  EXPECT_EQ(selection.left_out[0].candidate.link.name, "bond0");
  EXPECT_EQ(selection.left_out[0].reason.substr(0, 18), "lies on top of eth");
  for (const LeftOut& left_out : selection.left_out) EXPECT_FALSE(left_out.is_named);
}

TEST(InterfaceSelection, ANamedDeviceBeatsAMatchedOneBelowOrAbove) {
  EXPECT_EQ(watched(select({"br0", "veth*"})), Names{"br0"});
  EXPECT_EQ(select({"br0", "veth*"}).left_out[0].reason, "lies under br0, which is named");
  EXPECT_EQ(watched(select({"bond*", "eth1"})), Names{"eth1"});
}

TEST(InterfaceSelection, FindsStacksThroughDevicesThatNobodyMeant) {
  const Selection selection = select({"eth0", "bond0.5"});
  EXPECT_EQ(watched(selection), Names{"eth0"});
  ASSERT_EQ(selection.left_out.size(), 1u);
  EXPECT_TRUE(selection.left_out[0].is_named);
  EXPECT_EQ(selection.left_out[0].candidate.link.name, "bond0.5");
  EXPECT_EQ(selection.left_out[0].reason, "lies on top of eth0, which is watched");
}

TEST(InterfaceSelection, ADeviceLeftOutForANamedOneHoldsBackNoThird) {
  auto links = gateway();
  links.push_back(device(31, "mac1", 0, 4));
  EXPECT_EQ(watched(select({"mac0", "wan*", "mac1"}, links)), (Names{"mac0", "mac1"}));
  EXPECT_EQ(watched(select({"mac0", "wan*", "mac?"}, links)), (Names{"mac0", "mac1"}));
}

TEST(InterfaceSelection, DevicesSideBySideAreNoStack) {
  EXPECT_TRUE(select({"eth0", "eth1", "veth1", "veth2", "wan0"}).left_out.empty());
}

TEST(InterfaceSelection, ACircleOfDevicesEnds) {
  const std::vector<Link> links = {device(2, "a", 3), device(3, "b", 2)};
  EXPECT_LE(select({"a", "b"}, links).watch.size(), 1u);
}

TEST(InterfaceSelection, DroppingWouldHarmWhoeverIsConnected) {
  const auto links = gateway();
  const auto obstacle = [&links](int index) {
    return mirror_obstacle(*std::find_if(links.begin(), links.end(), [&](const Link& l) { return l.index == index; }),
                           links);
  };
  EXPECT_EQ(obstacle(2), "it is a port of bond0");
  EXPECT_EQ(obstacle(21), "it is a port of br0");
  EXPECT_EQ(obstacle(4), "mac0 lies on top of it");
  EXPECT_EQ(obstacle(20), "it has ports, veth1 among them");
  EXPECT_EQ(obstacle(30), "");
  EXPECT_EQ(mirror_obstacle(device(9, "x", 99), links), "it is a port of another device");
}

TEST(DevicesBeneath, AreAllThatHandAFrameUp) {
  const auto beneath = [](int index) {
    Names names;
    for (const Link& link : devices_beneath(index, gateway())) names.push_back(link.name);
    return names;
  };
  EXPECT_EQ(beneath(11), (Names{"eth0", "eth1", "bond0"}));
  EXPECT_EQ(beneath(20), (Names{"veth1", "veth2"}));
  EXPECT_EQ(beneath(30), Names{"wan0"});
  EXPECT_EQ(beneath(2), Names{});
}

TEST(NativePorts, AreOfBondsAndOfHardwareOnly) {
  Link bond = device(10, "bond0"), bridge = device(20, "br0");
  bond.kind = "bond";
  bridge.kind = "bridge";
  EXPECT_EQ(native_ports(bond, gateway()), (std::vector<int>{2, 3}));
  EXPECT_EQ(native_ports(bridge, gateway()), std::vector<int>{});
  EXPECT_EQ(native_ports(device(4, "wan0"), gateway()), std::vector<int>{});
}

}  // namespace
}  // namespace weir
