#include "publish/host_detail.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/flow_records.h"
#include "support/small_model.h"

namespace weir {
namespace {

using namespace test;
using nlohmann::json;

ClosedWindow window_of(const std::vector<std::string>& hosts, int number = 0) {
  ClosedWindow w;
  w.start_ns = kStart + number * kWindow_ns;
  for (const std::string& host : hosts) {
    HostWindow h;
    h.host = ip(host);
    h.start_ns = w.start_ns;
    h.packets = 100;
    h.features[feature_index("packets_per_second")] = 10'000;
    w.hosts.push_back(h);
  }
  return w;
}

TEST(HostDetail, SaysGroupThresholdsSilencesAndWhy) {
  DetectOptions options;
  options.groups = {{"scanners", {*IpPrefix::parse("10.0.0.0/24")}, {{"vertical_scan", 40}}, {"beacon"}}};
  options.mutes = {{SilenceCause::kMuted, "noisy", {*HostMatch::parse("10.0.0.1")}, {}, {{}, Moment{2'000'000'000}, {}}}};
  Detector detector(options, std::make_shared<const Model>(small_model()));
  RecentWindows windows;
  for (int i = 0; i < 8; ++i) {
    const ClosedWindow w = window_of({"10.0.0.1", "10.0.0.2"}, i);
    windows.add(w, detector.judge(w).verdicts, detector.model());
  }
  const json host = json::parse(render_host(ip("10.0.0.1"), detector, windows, kStart));
  EXPECT_EQ(host.at("group"), "scanners");
  const auto rule = [&](const char* name) {
    return *std::ranges::find_if(host.at("rules"), [&](const json& r) { return r.at("rule") == name; });
  };
  EXPECT_EQ(rule("vertical_scan"), json({{"rule", "vertical_scan"}, {"enabled", true}, {"threshold", 40.0}, {"own", true}}));
  EXPECT_EQ(rule("beacon").at("enabled"), false);
  EXPECT_EQ(rule("syn_flood").at("own"), false);
  ASSERT_EQ(host.at("silences").size(), 1u);
  EXPECT_EQ(host.at("silences")[0].at("name"), "noisy");
  EXPECT_EQ(host.at("silences")[0].at("holds_now"), true);
  ASSERT_EQ(host.at("windows").size(), RecentWindows::kWindows) << "the last minute";
  EXPECT_DOUBLE_EQ(host.at("windows")[0].at("start"), 1'700'000'020);
  EXPECT_EQ(host.at("windows")[5].at("why")[0].at("feature"), "packets_per_second");
  EXPECT_GT(host.at("windows")[5].at("model_score"), 0);

  const json later = json::parse(render_host(ip("10.0.0.1"), detector, windows, 2'000'000'001 * kSecond));
  EXPECT_EQ(later.at("silences")[0].at("holds_now"), false);
}

TEST(HostDetail, OfAnUnknownHostSaysWhatWouldApply) {
  Detector detector({}, nullptr);
  const json host = json::parse(render_host(ip("fd00::1"), detector, RecentWindows(), kStart));
  EXPECT_EQ(host.at("host"), "fd00::1");
  EXPECT_TRUE(host.at("group").is_null());
  EXPECT_TRUE(host.at("windows").empty());
  EXPECT_FALSE(host.at("rules").empty());
}

TEST(RecentWindows, OfACrowdThoseThatMatterAreKept) {
  ClosedWindow w = window_of(std::vector<std::string>(20'000, "10.0.0.1"));
  std::vector<Verdict> verdicts(w.hosts.size());
  for (std::uint32_t i = 0; i < w.hosts.size(); ++i) w.hosts[i].host = IpAddress::v4(i + 1);
  verdicts[15'000].kinds = {"vertical_scan"};
  verdicts[15'001].silenced = {"vertical_scan"};
  w.hosts[15'002].home = true;
  verdicts[15'003].score = 0.5;
  RecentWindows windows;
  windows.add(w, verdicts, nullptr);
  for (std::uint32_t i = 15'000; i < 15'004; ++i) EXPECT_EQ(windows.of(w.hosts[i].host).size(), 1u) << i;
  std::size_t kept = 0;
  for (const HostWindow& h : w.hosts) kept += windows.of(h.host).size();
  EXPECT_EQ(kept, RecentWindows::kMostHosts);
}

}  // namespace
}  // namespace weir
