#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "detect/baselines_file.h"
#include "detect/detector.h"

namespace weir {
namespace {

IpAddress ip(const char* text) { return *IpAddress::parse(text); }

HostWindow window(Role role) {
  HostWindow h;
  h.host = ip("10.0.0.1");
  h.role = role;
  h.packets = 5;  // too few for the model and for a spike
  h.end_ns = kWindow_ns;
  return h;
}

/// A host window whose figures of the window, or of the minute, `set` fills.
struct Case {
  const char* name;
  const char* kind;
  Role role;
  double threshold;  ///< the first value that fires
  std::function<void(HostWindow&, HostSigns&, std::uint32_t)> set;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

HostWindow filled(const Case& c, double value) {
  HostWindow h = window(c.role);
  auto signs = std::make_shared<HostSigns>();
  c.set(h, *signs, static_cast<std::uint32_t>(value));
  h.signs = std::move(signs);
  return h;
}

std::vector<std::string_view> kinds_of(HostWindow h) {
  Detector detector({}, nullptr);
  ClosedWindow w;
  w.end_ns = w.decided_ns = kWindow_ns;
  w.hosts.push_back(std::move(h));
  return detector.judge(w).verdicts[0].kinds;
}

class EachRule : public ::testing::TestWithParam<Case> {};

TEST_P(EachRule, SpeaksAtItsThresholdAndNotBelow) {
  const Case& c = GetParam();
  EXPECT_TRUE(kinds_of(filled(c, c.threshold - 1)).empty());
  EXPECT_EQ(kinds_of(filled(c, c.threshold)), std::vector<std::string_view>{c.kind});
  EXPECT_EQ(kinds_of(filled(c, 100 * c.threshold)), std::vector<std::string_view>{c.kind});
}

TEST_P(EachRule, JudgesOneRoleOnly) {
  Case c = GetParam();
  c.role = c.role == Role::kSource ? Role::kDestination : Role::kSource;
  EXPECT_TRUE(kinds_of(filled(c, c.threshold)).empty());
}

constexpr Role kSource = Role::kSource, kDestination = Role::kDestination;
const IpAddress kOther = ip("192.0.2.1");

const Case kCases[] = {
    {"ports_tcp", "vertical_scan", kSource, 20,
     [](HostWindow& h, HostSigns&, std::uint32_t n) { h.evidence.ports_probed = n; }},
    {"ports_tcp_minute", "vertical_scan", kSource, 30,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.minute.failed_ports_tcp = {n, kOther, 0};
     }},
    {"ports_by_fin", "vertical_scan", kSource, 20,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.window.probed_by_fin = {n, kOther, 0};
     }},
    {"ports_sctp", "vertical_scan", kSource, 20,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.window.probed_sctp = {n, kOther, 0};
     }},
    {"protocols", "vertical_scan", kSource, 20,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.window.probed_protocols = {n, kOther, 0};
     }},
    {"ports_udp", "vertical_scan", kSource, 30,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.window.probed_udp = {n, kOther, 0};
       s.window.answered_ports_udp = n / 4;
     }},
    {"ports_udp_minute", "vertical_scan", kSource, 45,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.minute.probed_udp = {n, kOther, 0};
     }},
    {"hosts_tcp", "horizontal_scan", kSource, 40,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.window.failed_hosts_tcp = {n, kOther, 445};
     }},
    {"hosts_udp", "horizontal_scan", kSource, 60,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.window.failed_hosts_udp = {n, kOther, 161};
     }},
    {"pings", "horizontal_scan", kSource, 20, [](HostWindow&, HostSigns& s, std::uint32_t n) { s.window.silent_pings = n; }},
    {"hosts_tcp_minute", "horizontal_scan", kSource, 60,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.minute.failed_hosts_tcp = {n, kOther, 445};
     }},
    {"hosts_udp_minute", "horizontal_scan", kSource, 90,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.minute.failed_hosts_udp = {n, kOther, 161};
     }},
    {"pings_minute", "horizontal_scan", kSource, 30,
     [](HostWindow&, HostSigns& s, std::uint32_t n) { s.minute.silent_pings = n; }},
    {"syn_flood_minute", "syn_flood", kSource, 1000,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.minute.half_open = {n, kOther, 80};
     }},
    {"udp_flood_source", "udp_flood", kSource, 5000,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.window.unanswered_udp = {n, kOther, 0};
     }},
    {"udp_flood_destination", "udp_flood", kDestination, 5000,
     [](HostWindow& h, HostSigns&, std::uint32_t n) { h.evidence.unanswered_packets = n; }},
    {"connection_flood", "connection_flood", kSource, 300,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.window.empty_connections = {n, kOther, 80};
     }},
    {"connections_held", "connection_flood", kSource, 150,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.minute.held_connections = {n, kOther, 80};
     }},
    {"distributed_flood", "distributed_flood", kDestination, 100,
     [](HostWindow& h, HostSigns& s, std::uint32_t n) {
       s.window.silent_sources = n;
       h.evidence.refused_flows = n;
       h.evidence.answered_flows = 3 * n / 7;
     }},
    {"reflection", "reflection", kDestination, 10,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.minute.unasked_synacks = n;
       s.minute.unasked_synack_sources = 2;
     }},
    {"reflection_udp", "reflection", kDestination, 100,
     [](HostWindow& h, HostSigns& s, std::uint32_t n) {
       h.replies_proven = true;
       s.minute.unasked_datagrams = {n, kOther, 123};
       s.minute.unasked_datagram_sources = 5;
     }},
    {"backscatter", "backscatter", kDestination, 20,
     [](HostWindow&, HostSigns& s, std::uint32_t n) { s.minute.unasked_reset_sources = n; }},
    {"odd_flags", "odd_flags", kSource, 10, [](HostWindow& h, HostSigns&, std::uint32_t n) { h.evidence.odd_packets = n; }},
    {"brute_force", "brute_force", kSource, 30,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.minute.logins = {n, kOther, 22};
     }},
    {"brute_force_ssh", "brute_force", kSource, 20,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.minute.ssh_banners = {n, kOther, 0};
     }},
    {"brute_force_commands", "brute_force", kSource, 40,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.minute.login_commands = {n, kOther, 21};
     }},
    {"brute_force_refused", "brute_force", kSource, 10,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.minute.refused_logins = {n, kOther, 21};
     }},
    {"brute_force_communities", "brute_force", kSource, 10,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.minute.communities = {n, kOther, 0};
     }},
    {"web_attack", "web_attack", kSource, 1, [](HostWindow&, HostSigns& s, std::uint32_t n) { s.minute.web_attacks = n; }},
    {"web_scan", "web_scan", kSource, 20,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.minute.http_errors = n;
       s.minute.http_answers = 2 * n;
     }},
    {"dns_nxdomain", "dns_nxdomain", kSource, 20,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.minute.missing_names = n;
       s.minute.name_answers = 2 * n;
     }},
    {"dns_tunnel", "dns_tunnel", kSource, 60,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.minute.long_names = n;
       s.minute.name_questions = 4 * n;
     }},
    {"large_payload", "large_payload", kSource, 100,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.minute.large_packets = {n, kOther, 0};
     }},
    {"beacon", "beacon", kSource, 32,
     [](HostWindow&, HostSigns& s, std::uint32_t n) {
       s.beacons = {{kOther, 443, n, 5}};
     }},
};
INSTANTIATE_TEST_SUITE_P(Rules, EachRule, ::testing::ValuesIn(kCases), [](const auto& some) { return some.param.name; });

TEST(Rules, SilenceSaysNothingWhereAnswersDoNotPass) {
  for (const Case& c : kCases) {
    HostWindow h = filled(c, 10 * c.threshold);
    h.replies_visible = false;
    const std::string name = c.name;
    const bool needs_answers = name.find("udp") != name.npos || name.find("ping") != name.npos ||
                               name == "distributed_flood" || name.starts_with("reflection") || name == "backscatter";
    EXPECT_EQ(kinds_of(h).empty(), needs_answers) << name;
  }
}

TEST(Rules, WhoIsMostlyAcceptedScansNothing) {
  HostWindow h = window(kSource);
  auto signs = std::make_shared<HostSigns>();
  signs->window.failed_hosts_tcp = {100, kOther, 25};
  signs->window.accepted_hosts_tcp = 101;
  signs->window.failed_hosts_udp = {100, kOther, 53};
  signs->window.answered_hosts_udp = 101;
  signs->window.probed_udp = {103, kOther, 0};
  signs->window.answered_ports_udp = 26;
  signs->window.silent_pings = 100;
  signs->window.answered_pings = 101;
  h.signs = signs;
  EXPECT_TRUE(kinds_of(h).empty());
  signs->window.accepted_hosts_tcp = 100;
  EXPECT_EQ(kinds_of(h), std::vector<std::string_view>{"horizontal_scan"});
}

TEST(Rules, AResolverIsNoTunnelAndAProxyNoScanner) {
  HostWindow h = window(kSource);
  auto signs = std::make_shared<HostSigns>();
  signs->minute.long_names = 1000;
  signs->minute.name_questions = 4001;
  signs->minute.missing_names = 1000;
  signs->minute.name_answers = 2001;
  signs->minute.http_errors = 1000;
  signs->minute.http_answers = 2001;
  h.signs = signs;
  EXPECT_TRUE(kinds_of(h).empty());
}

TEST(Rules, OneServersLateAnswersAreNoReflection) {
  HostWindow h = window(kDestination);
  auto signs = std::make_shared<HostSigns>();
  signs->minute.unasked_synacks = 1000;
  signs->minute.unasked_synack_sources = 1;
  h.signs = signs;
  EXPECT_TRUE(kinds_of(h).empty());
}

TEST(Rules, AHostsOwnServersAreNoReflectionNorIsWhatWasNeverHeard) {
  HostWindow h = window(kDestination);
  auto signs = std::make_shared<HostSigns>();
  signs->minute.unasked_datagrams = {10000, kOther, 53};
  signs->minute.unasked_datagram_sources = 4;
  h.replies_proven = true;
  h.signs = signs;
  EXPECT_TRUE(kinds_of(h).empty());
  signs->minute.unasked_datagram_sources = 5;
  h.replies_proven = false;
  EXPECT_TRUE(kinds_of(h).empty()) << "of a masqueraded gateway only the answers are seen";
  h.evidence.answered_flows = 1;
  EXPECT_EQ(kinds_of(h), std::vector<std::string_view>{"reflection"});
}

TEST(Rules, AProxyInsideMayWait) {
  HostWindow h = window(kSource);
  auto signs = std::make_shared<HostSigns>();
  signs->minute.held_connections = {1000, kOther, 80};
  h.signs = signs;
  h.home = true;
  EXPECT_TRUE(kinds_of(h).empty());
}

TEST(Rules, AFloodIsToldOnce) {
  HostWindow h = window(kDestination);
  auto signs = std::make_shared<HostSigns>();
  signs->window.silent_sources = 1000;
  h.evidence.refused_flows = 1000;
  h.evidence.half_open_syn = h.evidence.half_open_to_service = h.evidence.syn_packets = 1000;
  h.signs = signs;
  EXPECT_EQ(kinds_of(h), std::vector<std::string_view>{"syn_flood"});
}

TEST(Rules, ABeaconIsToldOnceADay) {
  Detector detector({}, nullptr);
  const auto alarms_at = [&](std::int64_t hour) {
    HostWindow h = filled(kCases[std::size(kCases) - 1], 32);
    ClosedWindow w;
    w.decided_ns = w.end_ns = h.end_ns = hour * 3'600'000'000'000;
    w.hosts.push_back(h);
    return detector.judge(w).alerts.size();
  };
  EXPECT_EQ(alarms_at(1), 1u);
  EXPECT_EQ(alarms_at(2), 0u);
  EXPECT_EQ(alarms_at(24), 0u);
  EXPECT_EQ(alarms_at(25), 1u);
}

/// Days of a house's windows, each of some hosts.
class HouseTest : public ::testing::Test {
 protected:
  using Use = ServiceUse;
  static constexpr std::int64_t kHour_s = 3600, kDay_s = 86400;

  static HostWindow host(int last, std::vector<Use> used = {}, std::vector<Use> served = {}) {
    HostWindow h = window(kSource);
    h.host = ip(("10.0.0." + std::to_string(last)).c_str());
    h.home = true;
    auto signs = std::make_shared<HostSigns>();
    signs->used = std::move(used);
    signs->served = std::move(served);
    h.signs = std::move(signs);
    return h;
  }

  std::vector<Alert> judge(std::int64_t at_s, std::vector<HostWindow> hosts) {
    ClosedWindow w;
    w.start_ns = at_s * 1'000'000'000;
    w.decided_ns = w.end_ns = w.start_ns + kWindow_ns;
    for (HostWindow& h : hosts) {
      h.start_ns = w.start_ns;
      h.end_ns = w.end_ns;
    }
    w.hosts = std::move(hosts);
    return detector_.judge(w).alerts;
  }

  /// A day in which each host sends something in a window of every five minutes, and 1 and 2 use port 7000 outside.
  void live(int hosts, std::int64_t from_s, std::int64_t to_s) {
    for (std::int64_t at = from_s; at < to_s; at += 300) {
      std::vector<HostWindow> all;
      for (int n = 1; n <= hosts; ++n)
        all.push_back(host(n, n < 3 ? std::vector<Use>{{kOther, 7000, 500}} : std::vector<Use>{}));
      EXPECT_TRUE(judge(at, std::move(all)).empty()) << at;
    }
    EXPECT_TRUE(judge(to_s - 10, {}).empty());  // watched, and nobody spoke
  }

  static std::vector<Use> port(std::uint16_t number, std::uint32_t bytes = 100) { return {{kOther, number, bytes}}; }
  static HostWindow as_destination(HostWindow h) {
    h.role = kDestination;
    return h;
  }

  Detector detector_{{}, nullptr};
};

TEST_F(HouseTest, APortThatIsNewToTheHouseIsToldOnce) {
  live(3, 0, kDay_s);
  EXPECT_TRUE(judge(kDay_s, {host(3, port(4444, 99))}).empty()) << "too little was said";
  const auto alerts = judge(kDay_s + 10, {host(3, port(4444))});
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts[0].kind, "uncommon_port");
  EXPECT_NE(alerts[0].text.find("4444"), std::string::npos);
  EXPECT_TRUE(judge(kDay_s + kHour_s, {host(3, port(4444))}).empty());
}

TEST_F(HouseTest, ServingIsLearnedApartFromUsing) {
  live(3, 0, kDay_s);
  EXPECT_EQ(judge(kDay_s, {as_destination(host(3, {}, port(7000)))}).size(), 1u);
  EXPECT_TRUE(judge(kDay_s + kHour_s, {as_destination(host(2, port(4444)))}).empty()) << "a destination uses nothing";
}

TEST_F(HouseTest, APortOfTheHouseIsNoAlarm) {
  live(3, 0, kDay_s);
  EXPECT_TRUE(judge(kDay_s, {host(3, port(7000))}).empty());
}

TEST_F(HouseTest, AHostWithoutAPastIsNotJudged) {
  live(3, 0, kDay_s - 300);
  EXPECT_TRUE(judge(kDay_s - 300, {host(3, port(4444)), host(9, port(4445))}).empty());
  EXPECT_TRUE(judge(kDay_s + 2 * kHour_s, {host(3, port(4444)), host(9, port(4446))}).empty());
}

TEST_F(HouseTest, AHostOutsideIsNotJudged) {
  for (std::int64_t at = 0; at <= kDay_s; at += 300) {
    HostWindow h = host(3, port(at < kDay_s ? 7000 : 4444));
    h.home = false;
    EXPECT_TRUE(judge(at, {h}).empty());
  }
}

TEST_F(HouseTest, AStrangePortThatSpreadsIsToldOfThreeHosts) {
  live(6, 0, kDay_s);
  std::size_t alerts = 0;
  for (int n = 3; n <= 6; ++n) alerts += judge(kDay_s + n * 10, {host(n, port(4444))}).size();
  EXPECT_EQ(alerts, 3u);
}

TEST_F(HouseTest, PeerToPeerIsNoAlarm) {
  live(3, 0, kDay_s);
  EXPECT_TRUE(judge(kDay_s, {host(3, {{kOther, 6881, 900}, {kOther, 12345, 900}, {kOther, 20001, 900}})}).empty());
  for (int n = 1; n < 30; ++n)
    EXPECT_TRUE(judge(kDay_s + n * 600, {host(3, port(static_cast<std::uint16_t>(21000 + n)))}).empty()) << n;
  EXPECT_EQ(judge(kDay_s * 2, {host(3, port(4444))}).size(), 1u) << "once it is quiet, it is judged again";
}

/// What a sensor that was restarted at this time goes on with.
Detector restarted(const Detector& before, std::int64_t at_s) {
  Baselines all = before.baselines();
  arrange(all);
  Detector after({}, nullptr);
  after.restore(baselines_from_bytes(baselines_to_bytes(all).value()).value(), at_s * 1'000'000'000);
  return after;
}

TEST_F(HouseTest, ARestartKeepsWhatTheHouseUsesAndSinceWhen) {
  live(3, 0, kDay_s);
  detector_ = restarted(detector_, kDay_s + 4);
  EXPECT_TRUE(judge(kDay_s, {host(3, port(7000))}).empty()) << "a port of the house";
  EXPECT_EQ(judge(kDay_s + 10, {host(3, port(4444))}).size(), 1u) << "a host with a past";
  EXPECT_TRUE(judge(kDay_s + 20, {host(9, port(4445))}).empty()) << "a stranger";
}

TEST_F(HouseTest, WhileNobodyWatchesNoStrangerBecomesKnown) {
  live(3, 0, kDay_s / 2);
  const std::int64_t back = 30 * kDay_s;
  detector_ = restarted(detector_, back);
  EXPECT_TRUE(judge(back, {host(3, port(4444))}).empty()) << "half a day and a pause is half a day";
  live(3, back + 10, back + kDay_s / 2 + 600);
  EXPECT_EQ(judge(back + kDay_s / 2 + 600, {host(3, port(4446))}).size(), 1u);
}

TEST_F(HouseTest, ARestartWhereTheClockWasSetBackKeepsAges) {
  const std::int64_t start = 100 * kDay_s;
  live(3, start, start + kDay_s);
  detector_ = restarted(detector_, kDay_s);
  EXPECT_EQ(judge(kDay_s, {host(3, port(4444))}).size(), 1u);
}

TEST_F(HouseTest, ARestartKeepsWhoWasStrangeAndWhoRoams) {
  live(6, 0, kDay_s);
  EXPECT_EQ(judge(kDay_s, {host(3, port(4444))}).size(), 1u);
  detector_ = restarted(detector_, kDay_s + 10);
  EXPECT_TRUE(judge(kDay_s + kHour_s, {host(3, port(4444))}).empty()) << "told before";
  EXPECT_EQ(judge(kDay_s + kHour_s, {host(4, port(4444))}).size(), 1u) << "strange to the second, too";
  EXPECT_TRUE(
      judge(kDay_s + kHour_s + 10, {host(5, {{kOther, 6881, 900}, {kOther, 12345, 900}, {kOther, 20001, 900}})}).empty());
  detector_ = restarted(detector_, kDay_s + kHour_s + 20);
  EXPECT_TRUE(judge(kDay_s + kHour_s + 30, {host(5, port(20002))}).empty()) << "still as peer-to-peer does";
}

TEST_F(HouseTest, WhatIsKeptDoesNotDependOnTablesOrTheirSeeds) {
  const auto bytes = [](Baselines all) {
    arrange(all);
    return baselines_to_bytes(all).value();
  };
  live(6, 0, kDay_s);
  Detector other = restarted(detector_, kDay_s);  // tables anew, filled in another order
  EXPECT_FALSE(other.baselines().traffic.empty());
  EXPECT_EQ(bytes(other.baselines()), bytes(detector_.baselines()));
}

TEST_F(HouseTest, AClockSetBackByDaysLeavesNoHostRoamingForEver) {
  live(3, 0, 20 * kDay_s);
  EXPECT_EQ(judge(20 * kDay_s, {host(3, port(4444))}).size(), 1u);
  EXPECT_TRUE(judge(10 * kDay_s, {host(3)}).empty());
  EXPECT_EQ(judge(10 * kDay_s + kHour_s, {host(3, port(4445))}).size(), 1u);
}

TEST_F(HouseTest, ARestartKeepsWhatAHostUsuallySends) {
  const auto sends = [&](std::int64_t at, std::uint64_t packets) {
    HostWindow h = host(1);
    h.packets = packets;
    return judge(at, {h}).size();
  };
  for (std::int64_t at = 0; at < 2 * kDay_s; at += 600)
    EXPECT_EQ(sends(at, at % kDay_s == 2 * kHour_s ? 100'000 : 20), at == 2 * kHour_s ? 1u : 0u) << at;
  Detector without({}, nullptr);
  detector_ = restarted(detector_, 9 * kDay_s);
  EXPECT_EQ(sends(9 * kDay_s + 2 * kHour_s, 100'000), 0u) << "usual at this hour, and no night without a sensor sank it";
  EXPECT_EQ(sends(9 * kDay_s + 12 * kHour_s, 100'000), 1u);
  detector_ = std::move(without);
  EXPECT_EQ(sends(9 * kDay_s, 100'000), 0u) << "without a past nothing is a spike";
}

TEST_F(HouseTest, AHostThatChangedItsGroupKeepsItsPast) {
  live(3, 0, kDay_s);
  Baselines all = detector_.baselines();
  DetectOptions options;
  options.groups = {{"third", {*IpPrefix::parse("10.0.0.3")}, {}, {}}};
  detector_ = Detector(options, nullptr);
  detector_.restore(all, kDay_s * 1'000'000'000);
  EXPECT_EQ(judge(kDay_s, {host(3, port(4444))}).size(), 1u);
  EXPECT_EQ(judge(kDay_s + 10, {host(2, port(4444))}).size(), 1u) << "groups learn apart";
  EXPECT_TRUE(judge(kDay_s + 20, {host(1, port(7000))}).empty());
}

TEST_F(HouseTest, ABackupAtItsHourIsUsualFromTheSecondNightOn) {
  constexpr std::int64_t kNight = 2 * kHour_s;
  const auto day = [&](std::int64_t number, std::int64_t backup_s) {
    std::size_t alarms = 0;
    for (std::int64_t at = number * kDay_s; at < (number + 1) * kDay_s; at += 10) {
      HostWindow h = host(1);
      const std::int64_t into = at - number * kDay_s - backup_s;
      h.packets = into >= 0 && into < 600 ? 50'000 : 40 + static_cast<std::uint64_t>(at / 10 % 7);
      alarms += judge(at, {h}).size();
    }
    return alarms;
  };
  EXPECT_EQ(day(0, kNight), 1u);
  for (std::int64_t night = 1; night < 8; ++night) EXPECT_EQ(day(night, kNight + night % 2 * 300), 0u) << night;
  EXPECT_EQ(day(8, 14 * kHour_s), 1u) << "the same volume at another hour";
  for (std::int64_t night = 9; night < 15; ++night) EXPECT_EQ(day(night, -kDay_s), 0u) << "none";
  EXPECT_EQ(day(15, kNight), 0u) << "weekly";
}

}  // namespace
}  // namespace weir
