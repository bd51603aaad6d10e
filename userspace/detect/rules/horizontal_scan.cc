#include "detect/rules/horizontal_scan.h"

#include <algorithm>
#include <array>

namespace weir {
namespace {

constexpr double kMinute = 1.5, kUdp = 1.5, kEcho = 0.5;  // times the threshold

/// A resolver, a mail server, a monitor meets many that are silent, but far more that answer; who searches hears little.
std::uint32_t mostly(std::uint32_t failed, std::uint32_t accepted) { return failed >= accepted ? failed : 0; }

std::uint32_t silent_pings(const HostWindow& w, const SignFigures& figures) {
  return w.replies_visible ? mostly(figures.silent_pings, figures.answered_pings) : 0;
}

}  // namespace

std::optional<Finding> HorizontalScan::judge(const HostWindow& w) {
  if (w.role != Role::kSource) return std::nullopt;
  struct Way {
    const char* what;
    std::uint32_t in_window, in_minute;
    std::uint16_t port;
    double threshold;
  };
  const SignFigures &now = w.in_window(), &minute = w.in_minute();
  const std::uint32_t tcp_now = mostly(now.failed_hosts_tcp.count, now.accepted_hosts_tcp);
  const std::uint32_t tcp_minute = mostly(minute.failed_hosts_tcp.count, minute.accepted_hosts_tcp);
  const std::uint32_t udp_now = w.replies_visible ? mostly(now.failed_hosts_udp.count, now.answered_hosts_udp) : 0;
  const std::uint32_t udp_minute = w.replies_visible ? mostly(minute.failed_hosts_udp.count, minute.answered_hosts_udp) : 0;
  const std::uint32_t pings_now = silent_pings(w, now), pings_minute = silent_pings(w, minute);
  const std::array<Way, 3> ways = {{
      {"TCP port", tcp_now, tcp_minute, minute.failed_hosts_tcp.port, threshold_},
      {"UDP port", udp_now, udp_minute, minute.failed_hosts_udp.port, kUdp * threshold_},
      {"ping", pings_now, pings_minute, 0, kEcho * threshold_},
  }};
  const auto excess = [](const Way& way) {
    return std::max(way.in_window / way.threshold, way.in_minute / (kMinute * way.threshold));
  };
  const auto worst = std::ranges::max_element(ways, {}, excess);
  if (excess(*worst) < 1) return std::nullopt;
  const bool is_quick = worst->in_window >= worst->threshold;
  const std::uint32_t hosts = is_quick ? worst->in_window : worst->in_minute;
  Finding f;
  f.kind = "horizontal_scan";
  f.severity = Severity::kMedium;
  f.score = rule_score(excess(*worst), 1);
  f.text = "tried " + std::string(worst->what) + (worst->port != 0 ? " " + std::to_string(worst->port) : "") + " at " +
           std::to_string(hosts) + " hosts in " + (is_quick ? "10" : "60") + " s" +
           (worst->port != 0 ? " that did not accept it" : " that do not answer");
  f.reason = {std::string(kHostsProbed), static_cast<double>(hosts), 0, 0, excess(*worst)};
  return f;
}

}  // namespace weir
