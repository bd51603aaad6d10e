#include "config/config_keys.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace weir {
namespace {

std::string rendered_again(const std::string& text) {
  const auto config = parse_config(text, "rendered");
  EXPECT_TRUE(config) << config.error().what << "\n" << text;
  return config ? render_config(*config) : "";
}

Config config_without_defaults() {
  Config c;
  c.sensor = {{"eth0", "null", "veth*"}, 2048, XdpMode::kNative, EgressMode::kOn, false, 7, {Tunnel::kGre, Tunnel::kVxlan}};
  c.sensor.interfaces[0].role = InterfaceRole::kInside;
  c.sensor.interfaces[1].mirror = true;
  c.windows = {100, 5000, {*IpPrefix::parse("192.0.2.0/24"), *IpPrefix::parse("::/0")}, {1, 65535}};
  c.detect.model = {false, "C:\\a \"b\" # no comment", 0.1, 99};
  c.learning = {false, 1, "/srv/weir: 1"};
  c.detect.vertical_scan = {false, 21};
  c.detect.horizontal_scan = {false, 41};
  c.detect.syn_flood = {false, 501.25};
  c.detect.udp_flood = {false, 5001};
  c.detect.connection_flood = {false, 301};
  c.detect.distributed_flood = {false, 101};
  c.detect.reflection = {false, 11};
  c.detect.odd_flags = {false, 11};
  c.detect.brute_force = {false, 31};
  c.detect.web_attack = {false, 2};
  c.detect.web_scan = {false, 21};
  c.detect.dns_nxdomain = {false, 21};
  c.detect.dns_tunnel = {false, 31};
  c.detect.beacon = {false, 31};
  c.detect.large_payload = {false, 101};
  c.detect.uncommon_port = {false, 101};
  c.detect.uncommon_port_history_s = 60;
  c.detect.icmp_flood = {false, 1e9};
  c.detect.traffic_spike = {false, 1};
  c.detect.repeat_after_s = 0;
  c.detect.budget_per_day = 6.5;
  const std::vector<HostMatch> hosts = {*HostMatch::parse("source:10.0.0.5/32"), *HostMatch::parse("either:fd00::/8")};
  c.detect.groups = {{"scanners", {*IpPrefix::parse("10.0.0.5")}, {{"vertical_scan", 2000}, {"model", 0.99}}, {"beacon"}},
                     {"guests: \"all\"", {*IpPrefix::parse("fd00::/8"), *IpPrefix::parse("::/0")}, {}, {}}};
  c.detect.allow = {{SilenceCause::kAllowed, "scanner", hosts, {"vertical_scan", "anomaly"}, {}}};
  c.detect.mutes = {{SilenceCause::kMuted, "printer", hosts, {}, {{}, Moment{1798135200}, {}}}};
  c.detect.maintenance = {
      {SilenceCause::kMaintenance, "backup", hosts, {}, {{}, {}, TimeOfDay::parse("22:00-04:30"), 0x41}},
      {SilenceCause::kMaintenance, "move", hosts, {"backscatter"}, {Moment{1798135200}, Moment{1798135260}, {}}}};
  c.schedule = {Moment{1798135200}, Moment{1798135260}, TimeOfDay::parse("08:00-18:00"), 0x3e};
  c.detect.history_hosts = 64;
  c.publish.http = {false, "::", 1, {"gw.lan", "true"}, "~"};
  c.publish.alerts = {"- x: [y]", false};
  return c;
}

/// One key alone: "http: { port: 1 }".
std::string only(const ConfigKey& key, const std::string& set_to) {
  std::string text, end;
  for (const char c : key.path) {
    text += c == '.' ? ": { " : std::string(1, c);
    if (c == '.') end += " }";
  }
  return text + ": " + set_to + end;
}

TEST(ConfigKeys, RenderedDefaultsParseBackToTheDefaults) {
  const std::string text = render_config({});
  EXPECT_EQ(rendered_again(text), text);
  EXPECT_NE(text.find("\nhttp:\n"), std::string::npos);
  EXPECT_NE(text.find("\n  # TCP port to listen on.\n  # an integer from 1 to 65535\n  port: 9477\n"), std::string::npos);
  EXPECT_NE(text.find("\n  # threshold:\n"), std::string::npos) << "a key that is not set is shown as a comment";
}

TEST(ConfigKeys, AnyConfigRendersToAFileThatSaysTheSame) {
  const auto config = config_without_defaults();
  EXPECT_EQ(rendered_again(render_config(config)), render_config(config));
}

TEST(ConfigKeys, EveryKeyReadsWhatItWritesAndNothingElse) {
  const Config all = config_without_defaults();
  for (const ConfigKey& key : config_keys()) {
    EXPECT_NE(key.write(all), key.write({})) << key.path << " has its default in config_without_defaults()";
    const std::string text = only(key, key.write(all));
    const auto one = parse_config(text, key.path);
    ASSERT_TRUE(one) << one.error().what << "\n" << text;
    for (const ConfigKey& other : config_keys())
      EXPECT_EQ(other.write(*one), other.write(other.path == key.path ? all : Config{}))
          << key.path << " set " << other.path;
  }
}

TEST(ConfigKeys, EveryRowIsComplete) {
  std::set<std::string> paths;
  for (const ConfigKey& key : config_keys()) {
    EXPECT_TRUE(paths.insert(key.path).second) << key.path;
    EXPECT_FALSE(key.allowed.empty() || key.help.empty()) << key.path;
    EXPECT_EQ(key.help.back(), '.') << key.path;
    EXPECT_EQ(key.path, key.section().empty() ? key.name() : key.section() + "." + key.name());
  }
}

}  // namespace
}  // namespace weir
