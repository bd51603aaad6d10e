#include "detect/rules/vertical_scan.h"

#include <algorithm>
#include <array>

namespace weir {
namespace {

constexpr double kMinute = 1.5, kUdp = 1.5;  // times the threshold
constexpr std::uint32_t kMostlySilent = 4;

/// An open port is seldom met; of a media server's every second one answers.
Most silent_udp(const HostWindow& w, const SignFigures& figures) {
  const bool is_silent = figures.probed_udp.count >= kMostlySilent * figures.answered_ports_udp;
  return w.replies_visible && is_silent ? figures.probed_udp : Most{};
}

}  // namespace

std::optional<Finding> VerticalScan::judge(const HostWindow& w) {
  if (w.role != Role::kSource) return std::nullopt;
  struct Way {
    const char *tried, *in_vain;
    Most in_window, in_minute;
    double threshold;
  };
  const SignFigures &now = w.in_window(), &minute = w.in_minute();
  const Most probed{w.evidence.ports_probed, w.evidence.probed_host, 0};
  const char* const kNotAccepted = " and was accepted at none";
  const std::array<Way, 5> ways = {{
      {"TCP ports", kNotAccepted, probed, minute.failed_ports_tcp, threshold_},
      {"TCP ports by FIN", kNotAccepted, now.probed_by_fin, minute.probed_by_fin, threshold_},
      {"SCTP ports", kNotAccepted, now.probed_sctp, minute.probed_sctp, threshold_},
      {"IP protocols", ": others than TCP, UDP and ICMP", now.probed_protocols, minute.probed_protocols, threshold_},
      {"UDP ports", " that do not answer", silent_udp(w, now), silent_udp(w, minute), kUdp * threshold_},
  }};
  const auto excess = [](const Way& way) {
    return std::max(way.in_window.count / way.threshold, way.in_minute.count / (kMinute * way.threshold));
  };
  const Way& worst = *std::ranges::max_element(ways, {}, excess);
  if (excess(worst) < 1) return std::nullopt;
  const bool is_quick = worst.in_window.count >= worst.threshold;
  const Most& most = is_quick ? worst.in_window : worst.in_minute;
  Finding f;
  f.kind = "vertical_scan";
  f.severity = Severity::kMedium;
  f.score = rule_score(excess(worst), 1);
  f.text = "tried " + std::to_string(most.count) + " " + worst.tried + " of " + most.host.to_string() +
           (is_quick ? "" : " in 60 s") + worst.in_vain;
  f.reason = {std::string(kPortsProbed), static_cast<double>(most.count), 0, 0, excess(worst)};
  f.victim = most.host;
  return f;
}

}  // namespace weir
