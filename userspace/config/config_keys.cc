#include "config/config_keys.h"

#include <algorithm>
#include <cctype>

#include "base/ip_address.h"
#include "config/interface_value.h"
#include "config/policy_value.h"
#include "config/value_types.h"
#include "weir_abi.h"

namespace weir {
namespace {

using namespace value;

bool is_path(const std::string&) { return true; }

bool is_address(const std::string& text) { return IpAddress::parse(text).has_value(); }

bool is_host_name(const std::string& text) {
  if (is_address(text)) return true;
  const auto is_inside = [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '-' || c == '_'; };
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), is_inside);
}

constexpr Boolean kSwitch{};
const Text kPath{"a path, or \"\" for none", is_path};
const Text kAddress{"an IPv4 or IPv6 address", is_address};
const Text kHostName{"a host name or address without port", is_host_name};
const Parsed<IpPrefix> kPrefix{"a network such as 10.0.0.0/8 or fd00::/8"};
const Integer kHosts{64, 16777216};
const Integer kFlows{1024, 16777216};
const Real kPackets{1, 1e9};
const Choice<XdpMode> kXdpMode{
    {{"auto", XdpMode::kAuto}, {"native", XdpMode::kNative}, {"generic", XdpMode::kGeneric}, {"tc", XdpMode::kTc}}};
const Choice<Tunnel> kTunnel{{{"vxlan", Tunnel::kVxlan},
                              {"gre", Tunnel::kGre},
                              {"ipip", Tunnel::kIpInIp},
                              {"mpls", Tunnel::kMpls},
                              {"pppoe", Tunnel::kPppoe}}};
const Choice<EgressMode> kEgress{{{"auto", EgressMode::kAuto}, {"on", EgressMode::kOn}, {"off", EgressMode::kOff}}};

template <class Type, class Field>
ConfigKey key(std::string path, Type type, Field field, std::string help) {
  const auto read = [path, type, field](const YAML::Node& node, Config& c) {
    return read_value(path, node, type, field(c));
  };
  const auto write = [type, field](const Config& c) { return write_value(type, field(c)); };
  return {std::move(path), type.allowed(), std::move(help), read, write};
}

// The member that a key sets, from a Config & and from a const Config & alike.
#define WEIR_FIELD(member) ([](auto& config) -> auto& { return config.member; })

std::vector<ConfigKey> make_keys() {
  return {
      key("interfaces", ListOf<Interface>{{}, WEIR_INTERFACES}, WEIR_FIELD(sensor.interfaces),
          "Interfaces to watch, also by pattern; none = the one with the default route. mirror drops what a SPAN port "
          "receives, once it is counted."),
      key("schedule", schedule(), WEIR_FIELD(schedule),
          "When to watch: from a moment, until one, in a stretch of each day or of some days; else nothing is attached."),
      key("flows", kFlows, WEIR_FIELD(sensor.flows),
          "Flows that one second may hold on this machine; the kernel's tables are sized by it."),
      key("xdp_mode", kXdpMode, WEIR_FIELD(sensor.xdp_mode),
          "How to attach: in the driver (native), in the stack (generic), behind GRO (tc), or the first that works (auto)."),
      key("egress", kEgress, WEIR_FIELD(sensor.egress),
          "Count what leaves too; auto = where one interface is watched, for with several a forwarded packet counts twice."),
      key("gro_off", kSwitch, WEIR_FIELD(sensor.gro_off),
          "Switch GRO off while XDP is generic: it merges packets before they are counted."),
      key("samples_per_second", Integer{0, 1000000}, WEIR_FIELD(sensor.samples_per_second),
          "Payload heads looked at, at most, on each CPU; 0 = none."),
      key("decapsulate", ListOf<Choice<Tunnel>>{kTunnel, 5}, WEIR_FIELD(sensor.decapsulate),
          "Tunnels that are opened: what is inside counts, not they. Left out, mpls and pppoe count as not decoded, the "
          "others as their flow outside."),
      key("networks.home", ListOf<Parsed<IpPrefix>>{kPrefix, 1024}, WEIR_FIELD(windows.home),
          "Networks whose hosts always find room; the interfaces' own are added."),
      key("windows.hosts", kHosts, WEIR_FIELD(windows.hosts), "Hosts that a window has room for."),
      key("windows.flows", kFlows, WEIR_FIELD(windows.flows),
          "Flows that a window joins; more are counted, but not joined."),
      key("windows.history_hosts", kHosts, WEIR_FIELD(detect.history_hosts), "Hosts whose past traffic is remembered."),
      key("windows.common_ports", ListOf<Integer>{{1, 65535}, 1024}, WEIR_FIELD(windows.common_ports),
          "Ports of ordinary services; traffic to others counts as uncommon."),
      key("model.enabled", kSwitch, WEIR_FIELD(detect.model.enabled), "Score windows with the model."),
      key("model.file", kPath, WEIR_FIELD(detect.model.file), "Model to load; none = the one that is compiled in."),
      key("model.threshold", Real{0, 1}, WEIR_FIELD(detect.model.threshold),
          "Scores above it raise an alert; not set = the model's own threshold."),
      key("model.min_packets", Integer{1, 1000000}, WEIR_FIELD(detect.model.min_packets),
          "Windows with fewer packets are not scored."),
      key("learning.enabled", kSwitch, WEIR_FIELD(learning.enabled),
          "Where model.file names none: learn what is ordinary here, then judge with a model of it. Until then the "
          "compiled-in "
          "one only observes."),
      key("learning.hours", Integer{1, 720}, WEIR_FIELD(learning.hours), "Hours of traffic before the first model."),
      key("learning.directory", kPath, WEIR_FIELD(learning.directory),
          "Folder for what was learned; it is never made, and not used where it is another user's."),
      key("rules.vertical_scan.enabled", kSwitch, WEIR_FIELD(detect.vertical_scan.enabled),
          "Alert when a host tries many ports of another."),
      key("rules.vertical_scan.threshold", Real{1, 65535}, WEIR_FIELD(detect.vertical_scan.threshold),
          "Closed or silent ports of one host, or protocols of IP; half as many again for UDP and over 60 s."),
      key("rules.horizontal_scan.enabled", kSwitch, WEIR_FIELD(detect.horizontal_scan.enabled),
          "Alert when a host tries one port at many hosts."),
      key("rules.horizontal_scan.threshold", Real{1, 1000000}, WEIR_FIELD(detect.horizontal_scan.threshold),
          "Hosts that refuse or ignore one TCP port; half as many again for UDP, half for ping."),
      key("rules.syn_flood.enabled", kSwitch, WEIR_FIELD(detect.syn_flood.enabled),
          "Alert on many TCP connections that nobody accepts."),
      key("rules.syn_flood.threshold", kPackets, WEIR_FIELD(detect.syn_flood.threshold),
          "SYN packets for one service that nobody accepted."),
      key("rules.udp_flood.enabled", kSwitch, WEIR_FIELD(detect.udp_flood.enabled),
          "Alert on many UDP packets that nobody answers."),
      key("rules.udp_flood.threshold", kPackets, WEIR_FIELD(detect.udp_flood.threshold),
          "UDP packets to one host that are not answered."),
      key("rules.icmp_flood.enabled", kSwitch, WEIR_FIELD(detect.icmp_flood.enabled),
          "Alert on many ICMP packets to one host."),
      key("rules.icmp_flood.threshold", kPackets, WEIR_FIELD(detect.icmp_flood.threshold),
          "ICMP packets to one host, answers to ping not counted."),
      key("rules.connection_flood.enabled", kSwitch, WEIR_FIELD(detect.connection_flood.enabled),
          "Alert on many new connections to one service."),
      key("rules.connection_flood.threshold", kPackets, WEIR_FIELD(detect.connection_flood.threshold),
          "New TCP connections of one host to one service; half as many, from outside, that it holds open unanswered."),
      key("rules.distributed_flood.enabled", kSwitch, WEIR_FIELD(detect.distributed_flood.enabled),
          "Alert when a host is spoken to by many that it does not answer."),
      key("rules.distributed_flood.threshold", Real{1, 1000000}, WEIR_FIELD(detect.distributed_flood.threshold),
          "Hosts whose packets it neither accepts nor answers."),
      key("rules.reflection.enabled", kSwitch, WEIR_FIELD(detect.reflection.enabled),
          "Alert on answers to what a host never asked: its address is forged."),
      key("rules.reflection.threshold", kPackets, WEIR_FIELD(detect.reflection.threshold),
          "Such answers in 60 s; ten times as many over UDP; twice as many refusing hosts."),
      key("rules.odd_flags.enabled", kSwitch, WEIR_FIELD(detect.odd_flags.enabled),
          "Alert on TCP flags that no system sends."),
      key("rules.odd_flags.threshold", kPackets, WEIR_FIELD(detect.odd_flags.threshold), "Packets with such flags."),
      key("rules.brute_force.enabled", kSwitch, WEIR_FIELD(detect.brute_force.enabled),
          "Alert on many connections to one login service."),
      key("rules.brute_force.threshold", kPackets, WEIR_FIELD(detect.brute_force.threshold),
          "New connections to one login service in 60 s."),
      key("rules.web_attack.enabled", kSwitch, WEIR_FIELD(detect.web_attack.enabled),
          "Alert on requests with the syntax of an attack (plain HTTP, sampled)."),
      key("rules.web_attack.threshold", Real{1, 1000000}, WEIR_FIELD(detect.web_attack.threshold), "Such requests in 60 s."),
      key("rules.web_scan.enabled", kSwitch, WEIR_FIELD(detect.web_scan.enabled),
          "Alert when a web server mostly refuses a host."),
      key("rules.web_scan.threshold", Real{1, 1000000}, WEIR_FIELD(detect.web_scan.threshold), "HTTP answers 4xx in 60 s."),
      key("rules.dns_nxdomain.enabled", kSwitch, WEIR_FIELD(detect.dns_nxdomain.enabled),
          "Alert when a host asks for many names that do not exist."),
      key("rules.dns_nxdomain.threshold", Real{1, 1000000}, WEIR_FIELD(detect.dns_nxdomain.threshold),
          "Different such names in 60 s."),
      key("rules.dns_tunnel.enabled", kSwitch, WEIR_FIELD(detect.dns_tunnel.enabled),
          "Alert when a host asks for many names that are long enough to carry data."),
      key("rules.dns_tunnel.threshold", Real{1, 1000000}, WEIR_FIELD(detect.dns_tunnel.threshold),
          "Different such names in 60 s."),
      key("rules.beacon.enabled", kSwitch, WEIR_FIELD(detect.beacon.enabled),
          "Alert when a host calls one service outside at a steady period."),
      key("rules.beacon.threshold", Real{8, 32}, WEIR_FIELD(detect.beacon.threshold),
          "Gaps between such calls that are alike."),
      key("rules.large_payload.enabled", kSwitch, WEIR_FIELD(detect.large_payload.enabled),
          "Alert on much data in ICMP, DNS or NTP, which carry little."),
      key("rules.large_payload.threshold", kPackets, WEIR_FIELD(detect.large_payload.threshold),
          "Packets of 200 bytes or more in 60 s to one host."),
      key("rules.uncommon_port.enabled", kSwitch, WEIR_FIELD(detect.uncommon_port.enabled),
          "Alert when a home host uses or serves a TCP port that is new to it and to the house."),
      key("rules.uncommon_port.threshold", Real{1, 1e9}, WEIR_FIELD(detect.uncommon_port.threshold),
          "Payload bytes, at least, towards that port in a window."),
      key("rules.uncommon_port.history_s", Integer{0, 2592000}, WEIR_FIELD(detect.uncommon_port_history_s),
          "Seconds for which a host must be known before its ports are judged."),
      key("rules.traffic_spike.enabled", kSwitch, WEIR_FIELD(detect.traffic_spike.enabled),
          "Alert when a host's traffic leaves its own past far behind."),
      key("rules.traffic_spike.threshold", kPackets, WEIR_FIELD(detect.traffic_spike.threshold),
          "Packets, at least, to speak of a spike."),
      key("groups", SumOf<MapOf<HostGroup>>{{host_group(), 64}}, WEIR_FIELD(detect.groups),
          "Hosts that are judged by thresholds of their own, or not by some rules at all; a host belongs to the first that "
          "has "
          "it."),
      key("allow", SumOf<MapOf<Silence>>{{silence(SilenceCause::kAllowed), 256}}, WEIR_FIELD(detect.allow),
          "Alerts that are expected for ever, as of a vulnerability scanner: judged and counted, delivered to nobody."),
      key("mutes", SumOf<MapOf<Silence>>{{silence(SilenceCause::kMuted), 256}}, WEIR_FIELD(detect.mutes),
          "The same until a moment."),
      key("maintenance", SumOf<MapOf<Silence>>{{silence(SilenceCause::kMaintenance), 256}}, WEIR_FIELD(detect.maintenance),
          "The same in a stretch of each day, or between two moments."),
      key("alerts.file", kPath, WEIR_FIELD(publish.alerts.file),
          "Alerts are appended here as JSON lines; none = standard output."),
      key("alerts.journal", kSwitch, WEIR_FIELD(publish.alerts.journal), "Send alerts to journald too, where it runs."),
      key("alerts.repeat_after_s", Integer{0, 86400}, WEIR_FIELD(detect.repeat_after_s),
          "Seconds before the same host and kind alert again."),
      key("alerts.budget_per_day", Real{0.1, 100000}, WEIR_FIELD(detect.budget_per_day),
          "Alarms a day that ordinary traffic may cost: a model that is trained gets its threshold from it. It never "
          "suppresses one: once as many incidents began in a day, further alerts join the newest of their kind."),
      key("http.enabled", kSwitch, WEIR_FIELD(publish.http.enabled), "Answer over HTTP."),
      key("http.address", kAddress, WEIR_FIELD(publish.http.address),
          "Address to listen on; off loopback an API key is required."),
      key("http.port", Integer{1, 65535}, WEIR_FIELD(publish.http.port), "TCP port to listen on."),
      key("http.allowed_hosts", ListOf<Text>{kHostName, 32}, WEIR_FIELD(publish.http.allowed_hosts),
          "Host names under which clients may call, besides localhost and the address itself."),
      key("http.key_file", kPath, WEIR_FIELD(publish.http.key_file),
          "File with the API key in its first line; WEIR_API_KEY in the environment goes first."),
  };
}

#undef WEIR_FIELD

std::string indent(std::size_t depth) { return std::string(2 * depth, ' '); }

/// "rules:" and "  syn_flood:" where `path` enters sections that `previous` was not in.
std::string render_section_heads(const std::string& path, const std::string& previous) {
  const bool is_after_section = path.find('.') == std::string::npos && previous.find('.') != std::string::npos;
  std::string text = is_after_section ? "\n" : "";
  std::size_t depth = 0, start = 0;
  for (auto dot = path.find('.'); dot != std::string::npos; dot = path.find('.', start), ++depth) {
    const bool is_new = previous.compare(0, dot + 1, path, 0, dot + 1) != 0;
    if (is_new) text += (depth == 0 ? "\n" : "") + indent(depth) + path.substr(start, dot - start) + ":\n";
    start = dot + 1;
  }
  return text;
}

std::string render_key(const ConfigKey& k, const std::string& set_to) {
  const auto space = indent(static_cast<std::size_t>(std::count(k.path.begin(), k.path.end(), '.')));
  return space + "# " + k.help + "\n" + space + "# " + k.allowed + "\n" + space +
         (set_to.empty() ? "# " + k.name() + ":" : k.name() + ": " + set_to) + "\n";
}

}  // namespace

std::string ConfigKey::section() const {
  const auto dot = path.rfind('.');
  return dot == std::string::npos ? "" : path.substr(0, dot);
}

std::string ConfigKey::name() const { return path.substr(path.rfind('.') + 1); }  // npos + 1 = 0

const std::vector<ConfigKey>& config_keys() {
  static const std::vector<ConfigKey> keys = make_keys();
  return keys;
}

std::string render_config(const Config& config) {
  std::string text, previous;
  for (const ConfigKey& k : config_keys()) {
    text += render_section_heads(k.path, previous) + render_key(k, k.write(config));
    previous = k.path;
  }
  return text;
}

}  // namespace weir
