#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <string_view>

#include "config/config.h"

namespace weir {
namespace {

/// The whole message, or "" if the text was accepted.
std::string error(const std::string& text) {
  const auto config = parse_config(text, "f");
  return config ? "" : config.error().what;
}

testing::AssertionResult starts_with(const std::string& text, const std::string& start) {
  if (text.rfind(start, 0) == 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << text << "\ndoes not start with\n" << start;
}

std::string repeated(std::string_view part, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += part;
  return all;
}

TEST(ConfigUnknownKey, NearestInTheSameSection) {
  EXPECT_EQ(error("# comment\n\ninterface: eth0\n"), "f:3:1: unknown key 'interface'; did you mean 'interfaces'?");
  EXPECT_EQ(error("rules: { syn_floods: {} }"), "f:1:10: unknown key 'syn_floods' under 'rules'; did you mean 'syn_flood'?");
  EXPECT_EQ(error("rules:\n  syn_flood:\n    treshold: 3\n"),
            "f:3:5: unknown key 'treshold' under 'rules.syn_flood'; did you mean 'threshold'?");
  EXPECT_TRUE(starts_with(error("HTTP: {}"), "f:1:1: unknown key 'HTTP'"));
}

TEST(ConfigUnknownKey, NearestInAnotherSection) {
  EXPECT_EQ(error("port: 80"), "f:1:1: unknown key 'port'; did you mean 'port' under 'http'?");
  EXPECT_EQ(error("http.port: 80"), "f:1:1: unknown key 'http.port'; did you mean 'port' under 'http'?");
  EXPECT_EQ(error("http:\n  xdp_mode: auto"),
            "f:2:3: unknown key 'xdp_mode' under 'http'; did you mean 'xdp_mode' at the top level?");
}

TEST(ConfigUnknownKey, NothingNearListsWhatThereIs) {
  EXPECT_EQ(error("model:\n  contamination: 0.1\n"),
            "f:2:3: unknown key 'contamination' under 'model'; allowed here: enabled, file, threshold, min_packets");
  EXPECT_EQ(error("zzzzzz: 1"),
            "f:1:1: unknown key 'zzzzzz'; allowed here: interfaces, schedule, flows, xdp_mode, egress, gro_off, "
            "samples_per_second, decapsulate, networks, windows, model, learning, rules, groups, allow, mutes, maintenance, "
            "alerts, http");
}

TEST(ConfigUnknownKey, LongAndUnprintableNamesAreShownShort) {
  EXPECT_TRUE(starts_with(error(repeated("k", 900) + ": 1"), "f:1:1: unknown key '" + repeated("k", 40) + "...'; allow"));
  EXPECT_TRUE(starts_with(error("\"a\\x1b[31m\": 1"), "f:1:1: unknown key 'a?[31m'; "));
}

TEST(ConfigPolicy, SaysWhatIsWrongAndWhatIsAllowed) {
  EXPECT_EQ(error("allow: [{name: x}]"),
            "f:1:9: allow: hosts is missing; allowed: a list of at most 1024, each a network or host, with source:, "
            "destination: or either: before it");
  EXPECT_EQ(error("allow: [{name: x, hosts: []}]"), "f:1:9: allow: hosts: names none");
  EXPECT_EQ(error("allow: [{name: x, hosts: from:10.0.0.1}]"),
            "f:1:26: allow.hosts: found 'from:10.0.0.1'; allowed: a network or host, with source:, destination: or either: "
            "before it");
  EXPECT_TRUE(starts_with(error("allow: [{name: x, hosts: 10.0.0.1, kinds: [portscan]}]"),
                          "f:1:44: allow.kinds: found 'portscan'; allowed: one of vertical_scan, horizontal_scan, "));
  EXPECT_EQ(error("allow: [{name: x, hosts: 10.0.0.1, until: 2026-12-24T18:00:00Z}]"),
            "f:1:36: allow: unknown key 'until'; allowed here: name, hosts, kinds");
  EXPECT_EQ(error("allow: [{name: x, hosts: 10.0.0.1}, {name: x, hosts: 10.0.0.2}]"), "f:1:37: allow: found 'x' twice");
  EXPECT_TRUE(starts_with(error("mutes: [{name: x, hosts: 10.0.0.1}]"), "f:1:9: mutes: until is missing; allowed: a time "));
  EXPECT_TRUE(starts_with(error("mutes: [{name: x, hosts: 10.0.0.1, until: tomorrow}]"),
                          "f:1:43: mutes.until: found 'tomorrow'; allowed: a time such as 2026-12-24T18:00:00Z"));
  EXPECT_EQ(error("schedule: {from: 2026-12-24T18:00:00Z, until: 2026-12-24T18:00:00Z}"),
            "f:1:11: schedule: ends before it begins");
  EXPECT_EQ(error("schedule: {daily: \"02:00-03:00\", days: []}"), "f:1:11: schedule: days: names none");
  EXPECT_EQ(error("schedule: {days: [mon]}"), "f:1:11: schedule: days: of what? daily is missing");
  EXPECT_EQ(error("maintenance: [{name: x, hosts: 10.0.0.1}]"),
            "f:1:15: maintenance: has no end: daily or until is missing");
  EXPECT_EQ(error("maintenance: [{name: x, hosts: 10.0.0.1, daily: \"02:00-03:00\", days: []}]"),
            "f:1:15: maintenance: days: names none");
  EXPECT_EQ(error("maintenance: [{name: x, hosts: 10.0.0.1, from: 2026-12-24T18:00:00Z, until: 2026-12-24T18:00:00Z}]"),
            "f:1:15: maintenance: ends before it begins");
}

TEST(ConfigPolicy, AGroupsThresholdsHaveTheRangeOfTheRules) {
  EXPECT_EQ(error("groups: [{name: x, hosts: 10.0.0.1, thresholds: {vertical_scan: 0}}]"),
            "f:1:65: rules.vertical_scan.threshold: found '0'; allowed: a number from 1 to 65535");
  EXPECT_EQ(error("groups: [{name: x, hosts: 10.0.0.1, thresholds: {model: 2}}]"),
            "f:1:57: model.threshold: found '2'; allowed: a number from 0 to 1");
  EXPECT_TRUE(
      starts_with(error("groups: [{name: x, hosts: 10.0.0.1, thresholds: {portscan: 3}}]"),
                  "f:1:50: groups.thresholds: found 'portscan'; allowed: a map of numbers for model, vertical_scan, "));
  EXPECT_EQ(error("groups: [{name: x, hosts: source:10.0.0.1}]"),
            "f:1:27: groups.hosts: found 'source:10.0.0.1'; allowed: a network or host such as 10.0.3.0/24 or fd00::5");
  EXPECT_EQ(error("groups: {name: x}"),
            "f:1:9: groups: found a map; allowed: a list of at most 64, each a map of name, hosts, "
            "thresholds, off");
}

TEST(ConfigText, MustBeUtf8) {
  EXPECT_EQ(error("a: 1\nb: \xff"), "f:2:4: not UTF-8; save the file in that encoding");
  for (const char* bad :
       {"\x80", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xe2\x82"})
    EXPECT_EQ(error(bad), "f:1:1: not UTF-8; save the file in that encoding");
  EXPECT_EQ(error("mutes: [{name: Größe 測試 \xf0\x9f\x94\x87, hosts: 10.0.0.1, until: 2026-12-24T18:00:00Z}]"), "");
}

TEST(ConfigValue, WrongType) {
  EXPECT_EQ(error("http:\n  port: ninety\n"), "f:2:9: http.port: found 'ninety'; allowed: an integer from 1 to 65535");
  EXPECT_EQ(error("http: { port: [1, 2] }"), "f:1:15: http.port: found a list of 2; allowed: an integer from 1 to 65535");
  EXPECT_EQ(error("flows: { a: 1 }"), "f:1:8: flows: found a map; allowed: an integer from 1024 to 16777216");
  EXPECT_EQ(error("flows:\nxdp_mode: auto\n"), "f:1:1: flows: found nothing; allowed: an integer from 1024 to 16777216");
  EXPECT_EQ(error("model: { enabled: yes }"), "f:1:19: model.enabled: found 'yes'; allowed: true or false");
  EXPECT_EQ(error("xdp_mode: skb"), "f:1:11: xdp_mode: found 'skb'; allowed: one of auto, native, generic, tc");
  EXPECT_EQ(error("http: 9477"), "f:1:7: http: found '9477'; allowed: keys with values");
  EXPECT_EQ(error("[a, b]"), "f:1:1: found a list of 2; allowed: keys with values");
  EXPECT_EQ(error("just words"), "f:1:1: found 'just words'; allowed: keys with values");
  EXPECT_EQ(error("? [a]\n: b\n"), "f:1:3: found a list of 1 where a key belongs");
}

TEST(ConfigValue, IntegersOutOfRange) {
  EXPECT_EQ(error("flows: 1023"), "f:1:8: flows: found '1023'; allowed: an integer from 1024 to 16777216");
  for (const char* text : {"16777217", "-1", "65536.0", "65536 flows", "0x10000", "99999999999999999999999", "''"})
    EXPECT_NE(error(std::string("flows: ") + text), "") << text;
  for (const char* text : {"1024", "16777216"}) EXPECT_EQ(error(std::string("flows: ") + text), "");
  for (const char* text : {"0", "1000000"}) EXPECT_EQ(error(std::string("samples_per_second: ") + text), "");
  EXPECT_NE(error("samples_per_second: 1000001"), "");
}

TEST(ConfigValue, NumbersOutOfRange) {
  EXPECT_EQ(error("model: { threshold: 1.5 }"), "f:1:21: model.threshold: found '1.5'; allowed: a number from 0 to 1");
  for (const char* text : {"nan", ".nan", "inf", "-0.1", "1e999", "0.5x"})
    EXPECT_NE(error(std::string("model: { threshold: ") + text + " }"), "") << text;
  for (const char* text : {"0", "1", "1.0", "5e-1"})
    EXPECT_EQ(error(std::string("model: { threshold: ") + text + " }"), "") << text;
}

TEST(ConfigValue, InterfaceNames) {
  EXPECT_EQ(
      error("interfaces:\n  - eth0\n  - far/too\n"),
      "f:3:5: interfaces: found 'far/too'; allowed: a name (1 to 15 characters, no '/', ':' or blank) or a pattern such "
      "as eth*, or {name: ..., role: inside or outside, mirror: true or false}");
  for (const char* text : {"sixteen_letters_", "'a b'", "''", "'..'", "\"a\\0b\"", "[[eth0]]", "~"})
    EXPECT_NE(error(std::string("interfaces: ") + text), "") << text;
  EXPECT_EQ(error("interfaces: fifteen_letters"), "");
  EXPECT_EQ(error("interfaces: [a, b, c, d, e, f, g, h]"), "");
  EXPECT_TRUE(starts_with(error("interfaces: [a, b, c, d, e, f, g, h, i]"),
                          "f:1:13: interfaces: found a list of 9; allowed: a list of at most 8"));
  EXPECT_EQ(error("interfaces: [eth0, lan, eth0]"), "f:1:25: interfaces: found 'eth0' twice");
}

TEST(ConfigValue, InterfacesAsMaps) {
  EXPECT_EQ(error("interfaces:\n  - name: eth0\n    rol: inside\n"),
            "f:3:5: interfaces: unknown key 'rol'; allowed here: name, role, mirror");
  EXPECT_EQ(error("interfaces: [{name: eth0, role: middle}]"),
            "f:1:33: interfaces.role: found 'middle'; allowed: one of inside, outside, none");
  EXPECT_EQ(error("interfaces: [{name: eth0, mirror: yes}]"),
            "f:1:35: interfaces.mirror: found 'yes'; allowed: true or false");
  EXPECT_TRUE(starts_with(error("interfaces: [{name: a/b}]"), "f:1:21: interfaces.name: found 'a/b'; allowed: a name (1"));
  EXPECT_TRUE(starts_with(error("interfaces: [{role: inside}]"), "f:1:14: interfaces: name is missing"));
  EXPECT_EQ(error("interfaces: [{name: a, name: b}]"), "f:1:24: interfaces: key 'name' again");
  EXPECT_EQ(error("interfaces: [eth0, {name: eth0, role: inside}]"), "f:1:20: interfaces: found 'eth0' twice");
  for (const char* text : {"[{}]", "{name: eth0}", "[{name: [eth0]}]", "[{name: }]", "[{[a]: b}]", "[[]]"})
    EXPECT_NE(error(std::string("interfaces: ") + text), "") << text;
  EXPECT_EQ(error("interfaces: [{name: eth0}, {name: eth1}]"), "");
}

TEST(ConfigValue, PatternsMayBeLongerThanNames) {
  EXPECT_EQ(error("interfaces: ['enp[0-9]*s[0-9]*f[0-9]']"), "");
  EXPECT_NE(error("interfaces: '" + repeated("*", 64) + "'"), "");
  EXPECT_NE(error("interfaces: 'eth*/'"), "");
}

TEST(ConfigValue, Tunnels) {
  EXPECT_EQ(error("decapsulate: [gre, geneve]"),
            "f:1:20: decapsulate: found 'geneve'; allowed: one of vxlan, gre, ipip, mpls, pppoe");
  EXPECT_EQ(error("decapsulate: [gre, gre]"), "f:1:20: decapsulate: found 'gre' twice");
  EXPECT_NE(error("decapsulate: true"), "");
}

TEST(ConfigValue, AddressesAndNetworks) {
  EXPECT_EQ(error("http: { address: localhost }"),
            "f:1:18: http.address: found 'localhost'; allowed: an IPv4 or IPv6 address");
  EXPECT_EQ(error("networks: { home: [10.0.0.0/8, 10.0.0.0/33] }"),
            "f:1:32: networks.home: found '10.0.0.0/33'; allowed: a network such as 10.0.0.0/8 or fd00::/8");
  EXPECT_NE(error("networks: { home: [\"10.0.0.1\\0/8\"] }"), "");
  EXPECT_NE(error("http: { allowed_hosts: ['gw.lan:9477'] }"), "");
  EXPECT_EQ(error("http: { allowed_hosts: ['::1', gw.lan] }"), "");
}

TEST(ConfigValue, AnErrorInOneListElementSetsNothing) {
  EXPECT_EQ(error("windows: { common_ports: [22, 0] }"),
            "f:1:31: windows.common_ports: found '0'; allowed: an integer from 1 to 65535");
}

TEST(ConfigYaml, SyntaxErrorsNameTheirPlace) {
  EXPECT_TRUE(starts_with(error("http:\n  port: 1\n bad: 2\n"), "f:3:2: YAML:"));
  EXPECT_TRUE(starts_with(error("interfaces: [eth0\n"), "f:2:1:"));
  EXPECT_TRUE(starts_with(error("flows: 4096\nmodel: { file: \"a\n"), "f:3:"));
  EXPECT_TRUE(starts_with(error("flows: *unknown"), "f:1:8: YAML:"));
}

TEST(ConfigYaml, DuplicateKeys) {
  EXPECT_EQ(error("flows: 2048\nxdp_mode: auto\nflows: 4096\n"), "f:3:1: key 'flows' again, first in line 1");
  EXPECT_EQ(error("http: { port: 1, port: 1 }"), "f:1:18: key 'port' again, first in line 1");
  EXPECT_EQ(error("http: {}\nhttp: {}\n"), "f:2:1: key 'http' again, first in line 1");
}

TEST(ConfigYaml, NothingAfterTheDocumentIsIgnored) {
  EXPECT_EQ(error("flows: 2048\n---\nflows: 4096\n"), "f:2:1: text after the end of the document; allowed is one document");
  EXPECT_EQ(error("{ flows: 2048 } junk"), "f:1:17: text after the end of the document; allowed is one document");
  EXPECT_NE(error(","), "") << "yaml-cpp finds an endless number of documents in a comma";
  EXPECT_EQ(error(std::string("flows: 2048\n \x04 nonsense")), "f:2:2: control character 4; is this a text file?");
  EXPECT_EQ(error(std::string("\0", 1)), "f:1:1: control character 0; is this a text file?");
}

TEST(ConfigYaml, NestingAndSizeAreBounded) {
  EXPECT_EQ(error(repeated("[", 100000)), "f:1:1: nested too deeply");
  EXPECT_NE(error(repeated("- ", 100000)), "");
  EXPECT_NE(error(repeated("a: {", 100000)), "");
  const auto large = parse_config(repeated("# padding\n", 110000), "f");
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, EFBIG);
  EXPECT_EQ(error(repeated("# padding\n", 100000) + "flows: 2048\n"), "");
}

TEST(ConfigYaml, AliasesAreNotExpanded) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'z'; ++c) {
    const std::string previous = std::string("*") + static_cast<char>(c - 1) + ", ";
    bomb += std::string(1, c) + ": &" + c + " [" + repeated(previous, 10) + "]\n";
  }
  EXPECT_TRUE(starts_with(error(bomb), "f:1:1: unknown key 'a"));
  EXPECT_NE(error("interfaces: &a [*a]"), "");
  EXPECT_EQ(error("rules: { syn_flood: &r { enabled: false }, icmp_flood: *r }"), "");
}

}  // namespace
}  // namespace weir
