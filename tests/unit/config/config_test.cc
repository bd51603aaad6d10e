#include "config/config.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "config/config_keys.h"

namespace weir {
namespace {

namespace fs = std::filesystem;

Config parsed(const std::string& text) {
  const auto config = parse_config(text, "weir.yaml");
  EXPECT_TRUE(config) << config.error().what;
  return config ? *config : Config{};
}

TEST(Config, EmptyTextIsTheDefault) {
  for (const char* text : {"", "\n", "# nothing but comments\n", "---\n", "{}", "http:\nrules:\n  syn_flood:\n"})
    EXPECT_EQ(render_config(parsed(text)), render_config({})) << text;
}

TEST(Config, SensorKeys) {
  const auto sensor = parsed("interfaces: [eth0, eth1.7]\nflows: 1024\nxdp_mode: generic\nsamples_per_second: 0\n").sensor;
  EXPECT_EQ(sensor.interfaces, (std::vector<InterfaceOptions>{"eth0", "eth1.7"}));
  EXPECT_EQ(sensor.flows, 1024u);
  EXPECT_EQ(sensor.xdp_mode, XdpMode::kGeneric);
  EXPECT_EQ(sensor.samples_per_second, 0u);
}

TEST(Config, Tunnels) {
  EXPECT_EQ(parsed("").sensor.decapsulate, (std::vector<Tunnel>{Tunnel::kMpls, Tunnel::kPppoe}));
  EXPECT_EQ(parsed("decapsulate: [vxlan, gre, ipip]").sensor.decapsulate,
            (std::vector<Tunnel>{Tunnel::kVxlan, Tunnel::kGre, Tunnel::kIpInIp}));
  EXPECT_EQ(parsed("decapsulate: gre").sensor.decapsulate, std::vector<Tunnel>{Tunnel::kGre});
  EXPECT_TRUE(parsed("decapsulate: []").sensor.decapsulate.empty());
}

TEST(Config, EveryXdpMode) {
  EXPECT_EQ(parsed("xdp_mode: auto").sensor.xdp_mode, XdpMode::kAuto);
  EXPECT_EQ(parsed("xdp_mode: native").sensor.xdp_mode, XdpMode::kNative);
  EXPECT_EQ(parsed("xdp_mode: tc").sensor.xdp_mode, XdpMode::kTc);
  EXPECT_EQ(parsed("egress: on").sensor.egress, EgressMode::kOn);
  EXPECT_EQ(parsed("egress: off").sensor.egress, EgressMode::kOff);
  EXPECT_FALSE(parsed("gro_off: false").sensor.gro_off);
}

TEST(Config, OneInterfaceNeedsNoBrackets) {
  EXPECT_EQ(parsed("interfaces: wan0").sensor.interfaces, std::vector<InterfaceOptions>{"wan0"});
  EXPECT_EQ(parsed("interfaces: 'eth*'").sensor.interfaces, std::vector<InterfaceOptions>{"eth*"});
}

TEST(Config, InterfacesWithRolesAndMirrors) {
  const auto all = parsed(R"(interfaces:
  - name: eth0
    role: outside
  - { role: inside, name: 'lan*' }
  - { name: span0, mirror: true }
  - eth3
)")
                       .sensor.interfaces;
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].name, "eth0");
  EXPECT_EQ(all[0].role, InterfaceRole::kOutside);
  EXPECT_FALSE(all[0].is_pattern() || all[0].mirror);
  EXPECT_EQ(all[1].role, InterfaceRole::kInside);
  EXPECT_TRUE(all[1].is_pattern());
  EXPECT_EQ(all[2].role, InterfaceRole::kNone);
  EXPECT_TRUE(all[2].mirror);
  EXPECT_EQ(all[3], InterfaceOptions("eth3"));
}

TEST(Config, WindowKeys) {
  const auto config = parsed(R"(
networks: { home: [10.0.0.0/8, "fd00::/8"] }
windows: { hosts: 64, flows: 2048, history_hosts: 100, common_ports: [443, 22] }
)");
  ASSERT_EQ(config.windows.home.size(), 2u);
  EXPECT_EQ(config.windows.home[0].to_string(), "10.0.0.0/8");
  EXPECT_EQ(config.windows.home[1].to_string(), "fd00::/8");
  EXPECT_EQ(config.windows.hosts, 64u);
  EXPECT_EQ(config.windows.flows, 2048u);
  EXPECT_EQ(config.windows.common_ports, (std::set<std::uint16_t>{22, 443}));
  EXPECT_EQ(config.detect.history_hosts, 100u);
}

TEST(Config, AnEmptyListReplacesTheDefault) { EXPECT_TRUE(parsed("networks: { home: [] }").windows.home.empty()); }

TEST(Config, ModelKeys) {
  const auto model =
      parsed("model: { enabled: false, file: /var/lib/weir/m, threshold: 0.625, min_packets: 3 }").detect.model;
  EXPECT_FALSE(model.enabled);
  EXPECT_EQ(model.file, "/var/lib/weir/m");
  EXPECT_EQ(model.threshold, 0.625);
  EXPECT_EQ(model.min_packets, 3u);
}

TEST(Config, RuleKeys) {
  const auto detect = parsed(R"(rules:
  vertical_scan: { enabled: false, threshold: 11 }
  syn_flood: { enabled: false, threshold: 22.5 }
  icmp_flood: { enabled: false, threshold: 33 }
  traffic_spike: { enabled: false, threshold: 44 }
)")
                          .detect;
  EXPECT_FALSE(detect.vertical_scan.enabled || detect.syn_flood.enabled);
  EXPECT_FALSE(detect.icmp_flood.enabled || detect.traffic_spike.enabled);
  EXPECT_EQ(detect.vertical_scan.threshold, 11);
  EXPECT_EQ(detect.syn_flood.threshold, 22.5);
  EXPECT_EQ(detect.icmp_flood.threshold, 33);
  EXPECT_EQ(detect.traffic_spike.threshold, 44);
}

TEST(Config, AlertKeys) {
  const auto config = parsed("alerts: { file: /var/log/weir.json, journal: false, repeat_after_s: 30 }");
  EXPECT_EQ(config.publish.alerts.file, "/var/log/weir.json");
  EXPECT_FALSE(config.publish.alerts.journal);
  EXPECT_EQ(config.detect.repeat_after_s, 30u);
}

TEST(Config, HttpKeys) {
  const auto http =
      parsed(
          "http: { enabled: false, address: '::1', port: 80, allowed_hosts: [gw.lan, 10.0.0.1], key_file: /etc/weir/key }")
          .publish.http;
  EXPECT_FALSE(http.enabled);
  EXPECT_EQ(http.address, "::1");
  EXPECT_EQ(http.port, 80);
  EXPECT_EQ(http.allowed_hosts, (std::vector<std::string>{"gw.lan", "10.0.0.1"}));
  EXPECT_EQ(http.key_file, "/etc/weir/key");
}

TEST(Config, KeysNotNamedKeepTheirDefault) {
  const auto http = parsed("http: { port: 80 }").publish.http;
  EXPECT_TRUE(http.enabled);
  EXPECT_EQ(http.address, HttpOptions{}.address);
}

class ReadConfig : public testing::Test {
 protected:
  ReadConfig() : path_(testing::TempDir() + "weir_config_test_" + std::to_string(getpid()) + ".yaml") {}
  ~ReadConfig() override { std::remove(path_.c_str()); }
  void write(const std::string& text) const { std::ofstream(path_) << text; }

  const std::string path_;
};

TEST_F(ReadConfig, TakesTheFile) {
  write("http:\n  port: 9999\n");
  const auto config = read_config(path_);
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->publish.http.port, 9999);
}

TEST_F(ReadConfig, NamesTheFileInErrors) {
  write("http:\n  prot: 9999\n");
  const auto config = read_config(path_);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().what, path_ + ":2:3: unknown key 'prot' under 'http'; did you mean 'port'?");
}

TEST_F(ReadConfig, MissingFile) {
  const auto config = read_config(path_);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, ENOENT);
  EXPECT_EQ(config.error().what, path_ + ": No such file or directory");
}

TEST_F(ReadConfig, Directory) {
  const auto config = read_config(testing::TempDir());
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, EISDIR);
}

TEST_F(ReadConfig, EndlessFileIsRefused) {
  const auto config = read_config("/dev/zero");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, EFBIG);
  EXPECT_EQ(config.error().what, "/dev/zero: larger than 1 MiB; is this the configuration?");
}

class DropIns : public testing::Test {
 protected:
  DropIns() {
    fs::create_directories(folder_ / "conf.d");
    write("weir.yaml",
          "flows: 2048\nhttp: { port: 1111, enabled: false }\nmutes: [{name: a, hosts: 10.0.0.1, until: "
          "2030-01-01T00:00:00Z}]\n");
  }
  ~DropIns() override { fs::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  Result<Config> read() const { return read_config(folder_ / "weir.yaml"); }
  std::string path(const std::string& name) const { return folder_ / name; }

  const fs::path folder_ = fs::path(testing::TempDir()) / ("weir_drop_ins_test_" + std::to_string(getpid()));
};

TEST_F(DropIns, WhatALaterOneSaysHoldsAndTheRestStays) {
  write("conf.d/20-port.yaml", "http: { port: 3333 }\n");
  write("conf.d/10-port.yaml", "http: { port: 2222, enabled: true }\nflows: 4096\n");
  write("conf.d/30-port.yaml.dpkg-old", "http: { port: 4444 }\n");
  write("conf.d/.30-port.yaml", "http: { port: 5555 }\n");
  const auto config = read();
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->publish.http.port, 3333);
  EXPECT_TRUE(config->publish.http.enabled);
  EXPECT_EQ(config->sensor.flows, 4096u);
  EXPECT_EQ(config->files, (std::vector{path("weir.yaml"), path("conf.d/10-port.yaml"), path("conf.d/20-port.yaml")}));
}

TEST_F(DropIns, ExpectedAlertsOfAllFilesAddUp) {
  write("conf.d/mutes.yaml", "mutes: [{name: b, hosts: 10.0.0.2, until: 2030-01-01T00:00:00Z}]\n");
  const auto config = read();
  ASSERT_TRUE(config) << config.error().what;
  ASSERT_EQ(config->detect.mutes.size(), 2u);
  EXPECT_EQ(config->detect.mutes[0].name, "a");
  EXPECT_EQ(config->detect.mutes[1].name, "b");
}

TEST_F(DropIns, TheSameNameTwiceIsRefused) {
  write("conf.d/mutes.yaml", "mutes: [{name: a, hosts: 10.0.0.2, until: 2030-01-01T00:00:00Z}]\n");
  const auto config = read();
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().what, path("conf.d/mutes.yaml") + ":1:8: mutes: 'a' again, a file before it has that name");
}

TEST_F(DropIns, AllOfThemCountAgainstTheMost) {
  std::string text = "mutes:\n";
  for (int i = 0; i < 256; ++i)
    text += "  - {name: m" + std::to_string(i) + ", hosts: 10.0.0.2, until: 2030-01-01T00:00:00Z}\n";
  write("conf.d/mutes.yaml", text);
  const auto config = read();
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().what.find("found 257 in all files"), std::string::npos) << config.error().what;
}

TEST_F(DropIns, AnErrorNamesItsFile) {
  write("conf.d/http.yaml", "\nhttp: { prot: 1 }\n");
  const auto config = read();
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().what, path("conf.d/http.yaml") + ":2:9: unknown key 'prot' under 'http'; did you mean 'port'?");
}

}  // namespace
}  // namespace weir
