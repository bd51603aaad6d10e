#include "sensor/link_monitor.h"

#include <gtest/gtest.h>
#include <net/if.h>

#include <algorithm>
#include <optional>

#include "support/private_network.h"

namespace weir::test {
namespace {

class LinkMonitorTest : public PrivateNetworkTest {
 protected:
  static LinkMonitor open(int receive_bytes = 0) {
    auto monitor = LinkMonitor::open(receive_bytes);
    EXPECT_TRUE(monitor) << monitor.error().what;
    return std::move(*monitor);
  }

  static std::optional<Link> find(const LinkMonitor& monitor, const std::string& name) {
    const auto links = monitor.links();
    const auto at = std::find_if(links.begin(), links.end(), [&](const Link& link) { return link.name == name; });
    return at == links.end() ? std::nullopt : std::optional<Link>(*at);
  }

  static bool changes(LinkMonitor& monitor) {
    const auto changed = monitor.read_changes();
    EXPECT_TRUE(changed) << changed.error().what;
    return changed && *changed;
  }

  static int index_of(const char* name) { return static_cast<int>(if_nametoindex(name)); }
};

TEST_F(LinkMonitorTest, ListsWhatIsThere) {
  make_veth("va", "vb");
  const LinkMonitor monitor = open();
  const auto va = find(monitor, "va"), lo = find(monitor, "lo");
  ASSERT_TRUE(va && lo);
  EXPECT_EQ(va->index, index_of("va"));
  EXPECT_EQ(va->kind, "veth");
  EXPECT_EQ(va->lower, 0) << "its peer is no device below it";
  EXPECT_FALSE(va->is_loopback);
  EXPECT_TRUE(lo->is_loopback);
}

TEST_F(LinkMonitorTest, IsSilentWhileNothingHappens) {
  make_veth("va", "vb");
  LinkMonitor monitor = open();
  changes(monitor);
  EXPECT_FALSE(changes(monitor));
}

TEST_F(LinkMonitorTest, FollowsWhatComesGoesAndIsRenamed) {
  LinkMonitor monitor = open();
  make_veth("va", "vb");
  EXPECT_FALSE(find(monitor, "va"));
  EXPECT_TRUE(changes(monitor));
  const int index = index_of("va");
  ASSERT_TRUE(find(monitor, "va"));
  run("ip link set va down && ip link set va name wan7");
  EXPECT_TRUE(changes(monitor));
  EXPECT_FALSE(find(monitor, "va"));
  ASSERT_TRUE(find(monitor, "wan7"));
  EXPECT_EQ(find(monitor, "wan7")->index, index);
  run("ip link del wan7");
  EXPECT_TRUE(changes(monitor));
  EXPECT_FALSE(find(monitor, "wan7") || find(monitor, "vb"));
}

TEST_F(LinkMonitorTest, KnowsPortsOfABridgeAndThatAPortWhichLeavesIsStillThere) {
  make_veth("va", "vb");
  run("ip link add br0 type bridge && ip link set va master br0");
  LinkMonitor monitor = open();
  ASSERT_TRUE(find(monitor, "va"));
  EXPECT_EQ(find(monitor, "va")->master, index_of("br0"));
  run("ip link set va nomaster");
  EXPECT_TRUE(changes(monitor));
  ASSERT_TRUE(find(monitor, "va")) << "the bridge's notice is worded like a device's end";
  EXPECT_EQ(find(monitor, "va")->master, 0);
}

TEST_F(LinkMonitorTest, KnowsWhatAMacvlanLiesOn) {
  make_veth("va", "vb");
  run("ip link add link va name mac0 type macvlan");
  const LinkMonitor monitor = open();
  ASSERT_TRUE(find(monitor, "mac0"));
  EXPECT_EQ(find(monitor, "mac0")->lower, index_of("va"));
}

TEST_F(LinkMonitorTest, TellsAnAddressThatCame) {
  make_veth("va", "vb");
  LinkMonitor monitor = open();
  changes(monitor);
  run("ip addr add 10.9.0.1/24 dev va");
  EXPECT_TRUE(changes(monitor));
}

TEST_F(LinkMonitorTest, ASuccessorOfTheSameIndexAndNameIsAnother) {
  run("ip link add vx index 77 type veth peer name vy");
  LinkMonitor monitor = open();
  const auto before = find(monitor, "vx");
  run("ip link del vx && ip link add vx index 77 type veth peer name vy");
  EXPECT_TRUE(changes(monitor));
  const auto after = find(monitor, "vx");
  ASSERT_TRUE(before && after);
  EXPECT_EQ(after->index, before->index);
  EXPECT_NE(after->birth, before->birth);
}

TEST_F(LinkMonitorTest, ListsAnewWhenNoticesWereLost) {
  make_veth("va", "vb");
  LinkMonitor monitor = open(1);  // the kernel gives a little more, room for a notice or two
  const auto birth = find(monitor, "va")->birth;
  for (int i = 0; i < 20; ++i) run("ip link add br" + std::to_string(i) + " type bridge");
  run("ip link del br7");
  EXPECT_TRUE(changes(monitor));
  EXPECT_EQ(monitor.resyncs(), 1u);
  EXPECT_EQ(monitor.links().size(), 3u + 19);
  EXPECT_FALSE(find(monitor, "br7"));
  EXPECT_TRUE(find(monitor, "br19"));
  EXPECT_EQ(find(monitor, "va")->birth, birth) << "what stayed is no newcomer";
}

}  // namespace
}  // namespace weir::test
