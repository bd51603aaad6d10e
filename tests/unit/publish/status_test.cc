#include "publish/status.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

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

TEST(LearningStatus, SaysInJsonAndMetricsWhenItExpectsToSwitch) {
  auto status = status_with({kAttachedOne});
  status.learning.phase = LearningPhase::kLearning;
  status.learning.next_ns = 1'700'000'000'000'000'000;
  status.learning.windows = 7;
  status.learning.flagged["syn_flood"] = 2;
  status.model_only_observes = true;
  const auto json = nlohmann::json::parse(render_status(status));
  EXPECT_EQ(json.at("learning").at("state"), "learning");
  EXPECT_EQ(json.at("learning").at("switches_at"), 1'700'000'000.0);
  EXPECT_TRUE(json.at("learning").at("calibrates_at").is_null());
  EXPECT_EQ(json.at("learning").at("flagged").at("syn_flood"), 2);
  EXPECT_EQ(json.at("model").at("only_observes"), true);
  const std::string text = render_metrics(status);
  for (const char* line : {"weir_learning_state{state=\"off\"} 0", "weir_learning_state{state=\"learning\"} 1",
                           "weir_learning_next_model_time_seconds 1700000000", "weir_learning_windows_total 7",
                           "weir_learning_flagged_windows_total{kind=\"syn_flood\"} 2"})
    EXPECT_NE(text.find("\n" + std::string(line) + "\n"), std::string::npos) << line;

  status.learning.phase = LearningPhase::kLearned;
  status.learning.next_ns.reset();
  const auto learned = nlohmann::json::parse(render_status(status));
  EXPECT_TRUE(learned.at("learning").at("switches_at").is_null());
  EXPECT_TRUE(learned.at("learning").at("calibrates_at").is_null());
  EXPECT_NE(render_metrics(status).find("\nweir_learning_next_model_time_seconds 0\n"), std::string::npos);
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
