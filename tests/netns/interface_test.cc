#include "sensor/interface.h"

#include <bpf/libbpf.h>
#include <gtest/gtest.h>
#include <linux/if_link.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>

#include "sensor/flow_meter.h"
#include "sensor/live_source.h"
#include "support/private_network.h"

namespace weir::test {
namespace {

constexpr TableSize kSmall{.sets4 = 16, .sets6 = 16, .host_sets = 4, .filter_words = 16};

/// Of the program on an interface, native or generic; 0: none.
std::uint32_t program_on(const char* interface) {
  bpf_xdp_query_opts query{};
  query.sz = sizeof query;
  EXPECT_EQ(bpf_xdp_query(static_cast<int>(if_nametoindex(interface)), 0, &query), 0);
  return query.drv_prog_id != 0 ? query.drv_prog_id : query.skb_prog_id;
}

class InterfaceTest : public PrivateNetworkTest {
 protected:
  static FlowMeter load() {
    auto meter = FlowMeter::load({.size = kSmall});
    EXPECT_TRUE(meter) << meter.error().what;
    return std::move(*meter);
  }
};

TEST_F(InterfaceTest, AttachesNativelyWhereTheDriverCan) {
  make_veth("va", "vb");
  const FlowMeter meter = load();
  const auto attachment = attach(meter, "vb", XdpMode::kAuto);
  ASSERT_TRUE(attachment) << attachment.error().what;
  EXPECT_EQ(attachment->mode.substr(0, 6), "native");
  EXPECT_EQ(attachment->ifindex, static_cast<int>(if_nametoindex("vb")));
  EXPECT_NE(program_on("vb"), 0u);
  EXPECT_EQ(program_on("va"), 0u);
}

TEST_F(InterfaceTest, TakesTheProgramForSeveralBuffersOnJumboInterfaces) {
  make_veth("va", "vb", 1, 9000);
  const FlowMeter meter = load();
  const auto attachment = attach(meter, "vb", XdpMode::kNative);
  ASSERT_TRUE(attachment) << attachment.error().what;
  EXPECT_EQ(attachment->mode, "native with frags");
}

TEST_F(InterfaceTest, FallsBackToGenericAndSaysWhy) {
  const FlowMeter meter = load();
  const auto attachment = attach(meter, "lo", XdpMode::kAuto);  // loopback has no native XDP
  ASSERT_TRUE(attachment) << attachment.error().what;
  EXPECT_EQ(attachment->mode, "generic");
  EXPECT_NE(attachment->reason.find("native: "), std::string::npos) << attachment->reason;
}

TEST_F(InterfaceTest, DoesNotFallBackWhereNativeWasAskedFor) {
  const FlowMeter meter = load();
  const auto attachment = attach(meter, "lo", XdpMode::kNative);
  ASSERT_FALSE(attachment);
  EXPECT_NE(attachment.error().code, 0);
  EXPECT_NE(attachment.error().what.find("lo: "), std::string::npos) << attachment.error().what;
  EXPECT_EQ(program_on("lo"), 0u);
}

TEST_F(InterfaceTest, TakesGenericWhereAsked) {
  make_veth("va", "vb");
  const FlowMeter meter = load();
  const auto attachment = attach(meter, "vb", XdpMode::kGeneric);
  ASSERT_TRUE(attachment) << attachment.error().what;
  EXPECT_EQ(attachment->mode, "generic");
}

TEST_F(InterfaceTest, NamesAnInterfaceThatIsNotThere) {
  const FlowMeter meter = load();
  const auto attachment = attach(meter, "nosuch0", XdpMode::kAuto);
  ASSERT_FALSE(attachment);
  EXPECT_EQ(attachment.error().code, ENODEV);
  EXPECT_NE(attachment.error().what.find("nosuch0"), std::string::npos);
}

TEST_F(InterfaceTest, LeavesSomebodyElsesProgramAndNamesIt) {
  make_veth("va", "vb");
  const FlowMeter first = load(), second = load();
  for (const XdpMode theirs : {XdpMode::kNative, XdpMode::kGeneric}) {
    const auto stays = attach(first, "vb", theirs);
    ASSERT_TRUE(stays) << stays.error().what;
    const std::uint32_t id = program_on("vb");
    const auto refused = attach(second, "vb", XdpMode::kAuto);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, EBUSY);
    EXPECT_NE(refused.error().what.find("program " + std::to_string(id) + " "), std::string::npos) << refused.error().what;
    EXPECT_EQ(program_on("vb"), id);
  }
}

TEST_F(InterfaceTest, DetachesWhenDropped) {
  make_veth("va", "vb");
  const FlowMeter meter = load();
  for (const XdpMode mode : {XdpMode::kNative, XdpMode::kGeneric}) {
    {
      const auto attachment = attach(meter, "vb", mode);
      ASSERT_TRUE(attachment) << attachment.error().what;
      EXPECT_NE(program_on("vb"), 0u);
    }
    EXPECT_EQ(program_on("vb"), 0u);
  }
}

TEST_F(InterfaceTest, AttachesToAllOrToNone) {
  make_veth("va", "vb");
  const auto live = LiveSource::start({.interfaces = {"va", "vb", "nosuch0"}, .flows = 256});
  ASSERT_FALSE(live);
  EXPECT_EQ(live.error().code, ENODEV);
  EXPECT_EQ(program_on("va"), 0u);
  EXPECT_EQ(program_on("vb"), 0u);
}

TEST_F(InterfaceTest, KnowsTheNetworksOfAnInterface) {
  make_veth("va", "vb");
  run("sysctl -qw net.ipv6.conf.va.disable_ipv6=0");
  run("ip addr add 10.9.1.1/20 dev va && ip addr add 2001:db8:9::1/56 dev va nodad");
  const auto prefixes = interface_prefixes("va");
  const auto covered = [&prefixes](const char* address) {
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](const IpPrefix& prefix) { return prefix.contains(IpAddress::parse(address).value()); });
  };
  EXPECT_TRUE(covered("10.9.15.254"));
  EXPECT_FALSE(covered("10.9.16.1"));
  EXPECT_TRUE(covered("2001:db8:9:ff::7"));
  EXPECT_FALSE(covered("2001:db8:9:100::7"));
}

}  // namespace
}  // namespace weir::test
