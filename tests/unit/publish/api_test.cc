#include "publish/api.h"

#include <gtest/gtest.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "publish/json_lines.h"
#include "publish/summary.h"
#include "support/flow_records.h"

namespace weir {
namespace {

using namespace test;
using nlohmann::json;

Alert sample_alert() {
  return {kStart + kSecond / 2,
          ip("10.0.0.1"),
          Role::kSource,
          "vertical_scan",
          0.95,
          Severity::kMedium,
          "tried 40 ports",
          {{"ports_probed", 40, 0, 2, 2}}};
}

ClosedWindow window_with(int hosts, std::int64_t start_ns = kStart) {
  ClosedWindow w;
  w.start_ns = start_ns;
  for (int i = 0; i < hosts; ++i) {
    HostWindow h;
    h.host = IpAddress::v4(static_cast<std::uint32_t>(i));
    h.start_ns = start_ns;
    h.packets = static_cast<std::uint64_t>(i) + 1;
    w.hosts.push_back(h);
  }
  return w;
}

TEST(JsonLines, AlertHasWhatConsumersRelyOn) {
  const json a = json::parse(alert_line(sample_alert()));
  EXPECT_EQ(a.at("type"), "alert");
  EXPECT_DOUBLE_EQ(a.at("time"), 1'700'000'000.5);
  EXPECT_EQ(a.at("host"), "10.0.0.1");
  EXPECT_EQ(a.at("role"), "source");
  EXPECT_EQ(a.at("kind"), "vertical_scan");
  EXPECT_EQ(a.at("severity"), "medium");
  EXPECT_EQ(a.at("why").at(0).at("feature"), "ports_probed");
  EXPECT_EQ(a.at("why").at(0).at("p99"), 2);
}

TEST(JsonLines, WindowIsTheTextThatTheLibraryWrites) {
  HostWindow w;
  w.host = ip("fd00::1");
  w.start_ns = kStart + kSecond / 3;
  w.end_ns = kStart + kWindow_ns;
  w.packets = 12345678901234567U;
  const double values[] = {0, 1, -1, 0.1, 1.0 / 3, 1e-4, 123456789.125, 99999999999.5, 0.00012345678901234567};
  for (std::size_t i = 0; i < kFeatureCount; ++i) w.features[i] = values[i % std::size(values)];
  Verdict verdict{0.93, 0.5, {"syn_flood", "anomaly"}, Surprise{0.25, 3.5, 1}};
  verdict.silenced = {"beacon"};
  for (const Role role : {Role::kSource, Role::kDestination}) {
    w.role = role;
    const std::string line = window_line(w, verdict);
    EXPECT_EQ(nlohmann::ordered_json::parse(line).dump(), line);
  }
}

TEST(JsonLines, WindowNamesEachFeatureOnce) {
  HostWindow w;
  w.host = ip("fd00::1");
  w.start_ns = kStart;
  w.end_ns = kStart + kWindow_ns;
  w.features[feature_index("payload_entropy")] = 4.5;
  const json line = json::parse(window_line(w, {0.4, 0.4, {}}));
  EXPECT_EQ(line.at("features").size(), kFeatureCount);
  EXPECT_EQ(line.at("features").at("payload_entropy"), 4.5);
  EXPECT_EQ(line.at("alert"), false);
  EXPECT_EQ(line.at("end").get<double>() - line.at("start").get<double>(), 10);
}

TEST(HostLedger, ForgetsWhoWasNotSeenForLongest) {
  HostLedger ledger(10);
  const ClosedWindow old_hosts = window_with(8);
  ledger.add(old_hosts, std::vector<Verdict>(8));
  ClosedWindow fresh = window_with(5, kStart + kWindow_ns);
  for (HostWindow& h : fresh.hosts) h.role = Role::kDestination;
  ledger.add(fresh, std::vector<Verdict>(5));
  EXPECT_EQ(ledger.size(), 10u);
  int fresh_left = 0;
  for (const HostEntry* e : ledger.busiest(10)) fresh_left += e->last.role == Role::kDestination;
  EXPECT_EQ(fresh_left, 5);
}

TEST(Api, ListsAreBoundedWhateverTheTraffic) {
  HostLedger ledger(100'000);
  const ClosedWindow many = window_with(20'000);
  ledger.add(many, std::vector<Verdict>(20'000));
  const json hosts = json::parse(render_hosts(ledger));
  EXPECT_EQ(hosts.at("tracked"), 20'000);
  EXPECT_EQ(hosts.at("hosts").size(), 500u);
  EXPECT_EQ(hosts.at("hosts").at(0).at("packets"), 20'000);
  Snapshot s = tick(0, {});
  for (std::uint16_t i = 0; i < 1000; ++i) s.flows.push_back(udp("10.0.0.1", "10.0.0.2", i, i + 1u));
  const json flows = json::parse(render_flows(s));
  EXPECT_EQ(flows.at("flows").size(), 100u);
  EXPECT_EQ(flows.at("flows").at(0).at("packets"), 1000);
  AlertHistory history;
  for (std::size_t i = 0; i < 1500; ++i) history.add(sample_alert());
  EXPECT_EQ(json::parse(render_alerts(history)).at("alerts").size(), AlertHistory::kMost);
}

TEST(Api, HistogramsCountBothTransports) {
  Snapshot s = tick(0, {udp("10.0.0.1", "10.0.0.2", 53, 4)});
  s.overflow_protocols[17] = 3;
  s.overflow_ports = {{53, true, 2}, {53, false, 1}, {53, true, 1}};
  Histograms h;
  h.add(s);
  const json j = json::parse(render_histograms(h));
  EXPECT_EQ(j.at("protocols").at("17"), 7);
  EXPECT_EQ(j.at("udp_ports").at("busiest").at(0).at("packets"), 7);
  EXPECT_EQ(j.at("tcp_ports").at("distinct"), 1);
}

TEST(Metrics, EscapesLabelsAndShowsEveryLoss) {
  Status s;
  s.version = "1\"2\\3";
  s.totals.undecoded_packets[WEIR_ARP] = 7;
  const std::string text = render_metrics(s);
  EXPECT_NE(text.find(R"(weir_build_info{version="1\"2\\3"} 1)"), std::string::npos);
  EXPECT_NE(text.find("weir_packets_undecoded_total{reason=\"arp\"} 7\n"), std::string::npos);
  for (const char* name :
       {"weir_overflow_packets_total", "weir_overflow_without_host_total", "weir_events_saturated_total",
        "weir_tick_errors_total", "weir_law_errors_total", "weir_untracked_packets_total", "weir_unjoined_records_total",
        "weir_unheard_samples_total", "weir_lost_signs_total", "weir_alert_write_errors_total"})
    EXPECT_NE(text.find(std::string(name) + " 0\n"), std::string::npos) << name;
}

TEST(Metrics, SayWhatEachInterfaceCovers) {
  Status s;
  s.interfaces.resize(2);
  s.interfaces[0].name = "eth0";
  s.interfaces[0].mode = "generic";
  s.interfaces[0].ifindex = 2;
  s.interfaces[0].state = s.interfaces[1].state = WatchState::kAttached;
  s.interfaces[0].departures = Departures::kCounted;
  s.interfaces[0].packets = 10;
  s.interfaces[0].sent_packets = 4;
  s.interfaces[0].merged_frames = 3;
  s.interfaces[1].departures = Departures::kNone;
  s.totals.answer_packets = 6;
  const std::string text = render_metrics(s);
  EXPECT_NE(text.find("weir_interface_packets_total{interface=\"eth0\",direction=\"in\"} 6\n"), std::string::npos);
  EXPECT_NE(text.find("weir_interface_packets_total{interface=\"eth0\",direction=\"out\"} 4\n"), std::string::npos);
  EXPECT_NE(text.find("weir_merged_frames_total{interface=\"eth0\"} 3\n"), std::string::npos);
  EXPECT_NE(text.find("coverage=\"both directions\",counts=\"lower bounds\""), std::string::npos);
  EXPECT_NE(text.find("weir_answer_packets_total 6\n"), std::string::npos);
  const json status = json::parse(render_status(s));
  EXPECT_EQ(status.at("coverage"), "differs by interface");
  EXPECT_EQ(status.at("interfaces").at(0).at("counts"), "lower bounds");
  EXPECT_EQ(status.at("interfaces").at(1).at("counts"), "exact");
}

TEST(Summary, NamesTheBusiestHosts) {
  HostLedger ledger(100);
  const ClosedWindow w = window_with(30);
  ledger.add(w, std::vector<Verdict>(30));
  Status s;
  s.alerts_by_kind["syn_flood"] = 2;
  Incidents incidents(600 * kSecond, 24);
  Alert alert = sample_alert();
  incidents.add(alert);
  const std::string text = render_summary(s, ledger, incidents);
  EXPECT_NE(text.find("and 10 more"), std::string::npos);
  EXPECT_NE(text.find("incident 1 (medium): 10.0.0.1, 0 s: 1 vertical_scan\n2 syn_flood\n2 alerts in 1 incidents\n"),
            std::string::npos);
}

}  // namespace
}  // namespace weir
