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
/// unique_ports is not: a server's answers go to as many ports as it has clients.
enum class Family : std::uint8_t { kVolume, kNone };

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
inline constexpr std::array<Feature, 18> kFeatures = {{
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
