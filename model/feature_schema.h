#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir {

/// How a feature enters the forest. kLog: log1p(scale * x), for heavy tails (without it the forest finds next to nothing
/// at a usable false-alarm rate); scale lifts values below 1 out of log1p's flat part.
enum class Transform : std::uint8_t { kNone, kLog };

/// What a feature is a sign of, where more of it is stranger: the tail score takes the most surprising one of each family.
/// unique_ports is none: a server's answers go to as many ports as it has clients.
enum class Family : std::uint8_t { kVolume, kFan, kFailure, kConnections, kIcmp, kUdp, kFlags, kNone };

struct Feature {
  std::string_view name;
  std::string_view unit;
  Transform transform;
  double scale;
  Family family = Family::kNone;
};

/// The features of a source host in one window, in the order of every vector, matrix and model file. Definitions:
///   packets_per_second, bytes_per_second  totals / window length
///   avg_packet_size, packet_size_variance mean and population variance of the frame length on the wire (Ethernet header
///                                         in, FCS out)
///   inter_arrival_mean, inter_arrival_std over the gaps between consecutive packets of the same flow, both in the
///                                         window, pooled over the host's flows; 0 without a gap
///   burst_rate                            most packets in any one tick (1 s) of the window
///   session_duration                      last minus first packet of the host in the window
///   tcp_ratio, udp_ratio, icmp_ratio      share of packets; ICMP and ICMPv6 together
///   unique_ports                          distinct destination port numbers; TCP 53 and UDP 53 are one. Later
///                                         fragments carry no port and do not count
///   uncommon_port_ratio                   share of TCP and UDP packets whose destination port is not a common one
///   payload_entropy                       Shannon entropy of the byte values of the sampled payload heads, pooled
///   avg_payload_size, payload_size_variance  mean and population variance of transport payload length over all packets;
///                                         a flow's header length is taken as its mean; ICMP payload begins after 8 bytes
/// Of both directions of the host's conversations, TCP and UDP, wherever they were seen (features/flow_signs.h). A TCP flow
/// was tried if it has a SYN or failed; it failed if it never sent an ACK (RST alone aside), or if ACKs alone met refusals
/// alone. A UDP flow was tried if the host began it and its conversation is new in the last minute; it failed if nothing
/// came back. Kinds of outcome (TCP failed, accepted, UDP failed, answered) seen less than three times do not count. What
/// needs answers is 0 where answers do not pass the sensor.
///   services_tried, hosts_tried           distinct hosts and ports, and distinct hosts, once for each kind of outcome
///   tcp_failed, udp_failed                distinct hosts and ports of these that failed
///   ports_failed, hosts_failed            most ports of one host, and most hosts with one port, that failed
///   half_open_to_service                  most SYN packets to one service whose flows never sent an ACK
///   connections_to_service                most TCP flows that tried one service
///   icmp_to_host                          most ICMP packets of one flow that answer nothing
///   hosts_pinged                          distinct hosts sent an echo request
///   udp_unanswered                        most UDP packets to one host of flows that got nothing back
///   odd_tcp_packets                       with flags that no system sends: none, FIN alone, FIN+PSH+URG, SYN+FIN, SYN+RST
inline constexpr std::array<Feature, 30> kFeatures = {{
    {"packets_per_second", "1/s", Transform::kLog, 10},
    {"bytes_per_second", "byte/s", Transform::kLog, 1},
    {"avg_packet_size", "byte", Transform::kLog, 1},
    {"packet_size_variance", "byte^2", Transform::kLog, 1},
    {"total_packets", "1", Transform::kLog, 1, Family::kVolume},
    {"total_bytes", "byte", Transform::kLog, 1, Family::kVolume},
    {"inter_arrival_mean", "s", Transform::kLog, 1000},
    {"inter_arrival_std", "s", Transform::kLog, 1000},
    {"burst_rate", "1/s", Transform::kLog, 1, Family::kVolume},
    {"session_duration", "s", Transform::kLog, 1},
    {"tcp_ratio", "1", Transform::kNone, 1},
    {"udp_ratio", "1", Transform::kNone, 1},
    {"icmp_ratio", "1", Transform::kNone, 1},
    {"unique_ports", "1", Transform::kLog, 1},
    {"uncommon_port_ratio", "1", Transform::kNone, 1},
    {"payload_entropy", "bit/byte", Transform::kNone, 1},
    {"avg_payload_size", "byte", Transform::kLog, 1},
    {"payload_size_variance", "byte^2", Transform::kLog, 1},
    {"services_tried", "1", Transform::kLog, 1, Family::kFan},
    {"hosts_tried", "1", Transform::kLog, 1, Family::kFan},
    {"tcp_failed", "1", Transform::kLog, 1, Family::kFailure},
    {"udp_failed", "1", Transform::kLog, 1, Family::kFailure},
    {"ports_failed", "1", Transform::kLog, 1, Family::kFailure},
    {"hosts_failed", "1", Transform::kLog, 1, Family::kFailure},
    {"half_open_to_service", "1", Transform::kLog, 1, Family::kFailure},
    {"connections_to_service", "1", Transform::kLog, 1, Family::kConnections},
    {"icmp_to_host", "1", Transform::kLog, 1, Family::kIcmp},
    {"hosts_pinged", "1", Transform::kLog, 1, Family::kIcmp},
    {"udp_unanswered", "1", Transform::kLog, 1, Family::kUdp},
    {"odd_tcp_packets", "1", Transform::kLog, 1, Family::kFlags},
}};
inline constexpr std::size_t kFeatureCount = kFeatures.size();

/// Untransformed values in schema order.
using FeatureVector = std::array<double, kFeatureCount>;

/// FNV-1a over names, units and transforms in order: what decides which number a model sees. A model carries the id of the
/// schema that it was trained on.
consteval std::uint64_t schema_id() {
  std::uint64_t h = 14695981039346656037ULL;
  const auto mix = [&h](std::uint8_t byte) { h = (h ^ byte) * 1099511628211ULL; };
  for (const Feature& f : kFeatures) {
    for (char c : f.name) mix(static_cast<std::uint8_t>(c));
    mix(0);
    for (char c : f.unit) mix(static_cast<std::uint8_t>(c));
    mix(static_cast<std::uint8_t>(f.transform));
    mix(static_cast<std::uint8_t>(static_cast<unsigned>(f.scale) & 0xff));
    mix(static_cast<std::uint8_t>(static_cast<unsigned>(f.scale) >> 8));
  }
  return h;
}

/// Position of a feature by name; a name that does not exist does not compile.
consteval std::size_t feature_index(std::string_view name) {
  for (std::size_t i = 0; i < kFeatureCount; ++i)
    if (kFeatures[i].name == name) return i;
  throw "no such feature";
}

}  // namespace weir
