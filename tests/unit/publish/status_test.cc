#include "publish/status.h"

#include <gtest/gtest.h>

#include "publish/api.h"

namespace weir {
namespace {

WatchedInterface watched(const std::string& name, WatchState state, bool is_required, const std::string& reason = "") {
  WatchedInterface out;
  out.name = name;
  out.state = state;
  out.is_required = is_required;
  out.reason = reason;
  out.ifindex = state == WatchState::kWaiting ? 0 : 7;
  return out;
}

Status status_with(std::vector<WatchedInterface> interfaces) {
  Status status;
  for (const WatchedInterface& i : interfaces) ++status.interface_states[static_cast<std::size_t>(i.state)];
  status.interfaces = std::move(interfaces);
  return status;
}

const WatchedInterface kAttachedOne = watched("eth0", WatchState::kAttached, true);

TEST(MissingInterfaces, NoneWhileAllIsAttached) { EXPECT_EQ(missing_interfaces(status_with({kAttachedOne})), ""); }

TEST(MissingInterfaces, ANameThatWaitsIsMissedAndAPatternIsNot) {
  const auto status = status_with({kAttachedOne, watched("eth1", WatchState::kWaiting, true, "no such interface"),
                                   watched("ppp*", WatchState::kWaiting, false, "no interface matches")});
  EXPECT_EQ(missing_interfaces(status), "eth1: waiting, no such interface");
}

TEST(MissingInterfaces, APatternThatIsAllThereIsIsMissed) {
  EXPECT_EQ(missing_interfaces(status_with({watched("ppp*", WatchState::kWaiting, false, "no interface matches")})),
            "ppp*: waiting, no interface matches");
}

TEST(MissingInterfaces, WhatIsRefusedIsMissedAndWhatIsLeftOutIsNot) {
  const auto status = status_with({kAttachedOne, watched("veth9", WatchState::kRefused, false, "too many"),
                                   watched("br0", WatchState::kLeftOut, false, "lies on top of eth0")});
  EXPECT_EQ(missing_interfaces(status), "veth9: refused, too many");
}

TEST(MissingInterfaces, NothingWatchedIsNeverReady) { EXPECT_NE(missing_interfaces(status_with({})), ""); }

TEST(Readiness, SaysWhy) {
  EXPECT_EQ(render_readiness(""), R"({"ready":true})");
  EXPECT_EQ(render_readiness("eth\"1"), R"({"ready":false,"reason":"eth\"1"})");
}

TEST(InterfaceMetrics, TellStateRoleAndMirror) {
  auto status = status_with({kAttachedOne, watched("eth1", WatchState::kWaiting, true, "no such interface")});
  status.interfaces[0].mode = "native";
  status.interfaces[0].role = InterfaceRole::kInside;
  status.interfaces[0].mirror = true;
  status.interfaces[0].packets = 12;
  status.netlink_resyncs = 3;
  const std::string text = render_metrics(status);
  const auto has = [&text](const std::string& line) { return text.find("\n" + line + "\n") != std::string::npos; };
  EXPECT_TRUE(has(R"(weir_attach_info{interface="eth0",state="attached",mode="native",role="inside",mirror="true",)"
                  R"(coverage="arrivals only",counts="exact",reason=""} 1)"));
  EXPECT_TRUE(has(R"(weir_attach_info{interface="eth1",state="waiting",mode="",role="none",mirror="false",)"
                  R"(coverage="arrivals only",counts="exact",reason="no such interface"} 1)"));
  EXPECT_TRUE(has(R"(weir_interfaces{state="attached"} 1)"));
  EXPECT_TRUE(has(R"(weir_interfaces{state="refused"} 0)"));
  EXPECT_TRUE(has(R"(weir_interface_packets_total{interface="eth0",direction="in"} 12)"));
  EXPECT_FALSE(has(R"(weir_interface_packets_total{interface="eth1",direction="in"} 0)"));
  EXPECT_TRUE(has("weir_netlink_resyncs_total 3"));
}

}  // namespace
}  // namespace weir
