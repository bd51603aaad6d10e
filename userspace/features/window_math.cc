#include "features/window_math.h"

#include <algorithm>
#include <cmath>

namespace weir {
namespace {

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double population_variance(double sum, double sum_of_squares, double n) {
  if (n == 0) return 0;
  const double mean = sum / n;
  return std::max(0.0, sum_of_squares / n - mean * mean);
}

/// Frames of one size leave a rounding error of the size of the squares behind: there it is noise, not variance.
double variance_of_bytes(const HostWindow& h) {
  const auto n = static_cast<long double>(h.packets), sum = static_cast<long double>(h.bytes);
  if (h.packets == 0) return 0;
  const long double v = (static_cast<long double>(h.sum_squared_bytes) - sum * sum / n) / n;
  return static_cast<double>(std::max(0.0L, v));
}

}  // namespace

void add_flow_figures(const JoinedFlow& flow, FlowFigures& figures) {
  figures.gaps += flow.packets - 1;
  figures.sum_gaps_s += static_cast<double>(flow.last_ns - flow.first_ns) * 1e-9;
  figures.sum_squared_gaps_s2 += flow.sum_squared_gaps_s2;
  // The flow's header length is taken as its mean h: sum (len - h)^2 = sum len^2 - 2 h sum len + n h^2.
  const auto n = static_cast<double>(flow.packets), bytes = static_cast<double>(flow.bytes);
  const double header = static_cast<double>(flow.overhead_bytes) / n;
  figures.payload_bytes += bytes - static_cast<double>(flow.overhead_bytes);
  figures.sum_squared_payload +=
      std::max(0.0, static_cast<double>(flow.sum_squared_bytes) - 2 * header * bytes + n * header * header);
}

FeatureVector make_features(const HostWindow& h, const FlowFigures& figures, double payload_entropy) {
  FeatureVector f{};
  const auto packets = static_cast<double>(h.packets), bytes = static_cast<double>(h.bytes);
  const auto gaps = static_cast<double>(figures.gaps);
  f[feature_index("packets_per_second")] = packets / kWindow_s;
  f[feature_index("bytes_per_second")] = bytes / kWindow_s;
  f[feature_index("avg_packet_size")] = bytes / packets;
  f[feature_index("packet_size_variance")] = variance_of_bytes(h);
  f[feature_index("total_packets")] = packets;
  f[feature_index("total_bytes")] = bytes;
  f[feature_index("inter_arrival_mean")] = figures.gaps == 0 ? 0 : figures.sum_gaps_s / gaps;
  f[feature_index("inter_arrival_std")] =
      std::sqrt(population_variance(figures.sum_gaps_s, figures.sum_squared_gaps_s2, gaps));
  f[feature_index("burst_rate")] = static_cast<double>(h.burst_packets);
  f[feature_index("session_duration")] = static_cast<double>(h.last_ns - h.first_ns) * 1e-9;
  f[feature_index("tcp_ratio")] = ratio(h.tcp_packets, h.packets);
  f[feature_index("udp_ratio")] = ratio(h.udp_packets, h.packets);
  f[feature_index("icmp_ratio")] = ratio(h.icmp_packets, h.packets);
  f[feature_index("unique_ports")] = figures.unique_ports;
  f[feature_index("uncommon_port_ratio")] = ratio(h.uncommon_port_packets, h.tcp_packets + h.udp_packets);
  f[feature_index("payload_entropy")] = payload_entropy;
  f[feature_index("avg_payload_size")] = figures.payload_bytes / packets;
  f[feature_index("payload_size_variance")] =
      population_variance(figures.payload_bytes, figures.sum_squared_payload, packets);
  const SignFigures& s = h.in_window();
  const auto put = [&f](std::size_t at, std::uint64_t value) { f[at] = static_cast<double>(value); };
  put(feature_index("services_tried"), s.services_tried);
  put(feature_index("hosts_tried"), s.hosts_tried);
  put(feature_index("tcp_failed"), s.failed_tcp);
  put(feature_index("udp_failed"), h.replies_visible ? s.failed_udp : 0);
  put(feature_index("ports_failed"), std::max(s.failed_ports_tcp.count, h.replies_visible ? s.failed_ports_udp.count : 0));
  put(feature_index("hosts_failed"), std::max(s.failed_hosts_tcp.count, h.replies_visible ? s.failed_hosts_udp.count : 0));
  put(feature_index("half_open_to_service"), h.evidence.half_open_to_service);
  put(feature_index("connections_to_service"), s.connections_to_service);
  put(feature_index("icmp_to_host"), h.evidence.icmp_packets);
  put(feature_index("hosts_pinged"), s.silent_pings + s.answered_pings);
  put(feature_index("udp_unanswered"), h.replies_visible ? s.unanswered_udp.count : 0);
  put(feature_index("odd_tcp_packets"), h.evidence.odd_packets);
  return f;
}

}  // namespace weir
