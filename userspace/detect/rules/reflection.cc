#include "detect/rules/reflection.h"

#include <algorithm>
#include <array>

namespace weir {
namespace {

constexpr double kRefusals = 2, kDatagrams = 10;  // times the threshold
constexpr std::uint32_t kFewHosts = 2, kFewServers = 5;

}  // namespace

std::optional<Finding> Reflection::judge(const HostWindow& w) {
  if (w.role != Role::kDestination || !w.replies_visible) return std::nullopt;
  struct Way {
    std::string_view kind, what;
    Severity severity;
    double value, threshold;
    std::string text;
  };
  const SignFigures& m = w.in_minute();
  const bool is_heard = w.replies_proven || w.evidence.answered_flows > 0;
  const double synacks = m.unasked_synack_sources >= kFewHosts ? m.unasked_synacks : 0;
  const double datagrams = is_heard && m.unasked_datagram_sources >= kFewServers ? m.unasked_datagrams.count : 0;
  const std::array<Way, 3> ways = {{
      {"reflection", kUnaskedAnswers, Severity::kHigh, synacks, threshold_,
       "received " + std::to_string(m.unasked_synacks) + " answers (SYN+ACK) of " +
           std::to_string(m.unasked_synack_sources) + " hosts in 60 s that it never asked"},
      {"reflection", kUnaskedAnswers, Severity::kHigh, datagrams, kDatagrams * threshold_,
       "received " + std::to_string(m.unasked_datagrams.count) + " answers (UDP, most from port " +
           std::to_string(m.unasked_datagrams.port) + ") of " + std::to_string(m.unasked_datagram_sources) +
           " hosts in 60 s that it never asked"},
      {"backscatter", kUnaskedRefusals, Severity::kLow, static_cast<double>(m.unasked_reset_sources), kRefusals * threshold_,
       "was refused (RST) by " + std::to_string(m.unasked_reset_sources) +
           " hosts in 60 s that it never spoke to: its address is forged elsewhere"},
  }};
  const auto worst = std::ranges::find_if(ways, [](const Way& way) { return way.value >= way.threshold; });
  if (worst == ways.end()) return std::nullopt;
  Finding f;
  f.kind = worst->kind;
  f.severity = worst->severity;
  f.score = rule_score(worst->value, worst->threshold);
  f.text = worst->text;
  f.reason = {std::string(worst->what), worst->value, 0, 0, worst->value / worst->threshold};
  return f;
}

}  // namespace weir
