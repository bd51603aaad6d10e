#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "feature_schema.h"
#include "features/sign_figures.h"
#include "sensor/flow_snapshot.h"

namespace weir {

inline constexpr std::int64_t kWindow_ns = 10'000'000'000;
inline constexpr double kWindow_s = 10;

/// Facts that rules look at, beside the features. Counted so that one visible direction suffices (behind a masquerading
/// gateway the answers cannot be matched): who is accepted sends an ACK, who is not never does.
struct Evidence {
  std::uint64_t syn_packets = 0;           ///< SYN without ACK, sent (source) or received (destination)
  std::uint64_t half_open_syn = 0;         ///< of these: in flows that never sent an ACK
  std::uint64_t half_open_to_service = 0;  ///< of these: most to one address and port
  std::uint64_t overflow_syn = 0;          ///< of these: in flows that found no slot, so of unknown service
  std::uint64_t icmp_packets = 0;          ///< source: most to one host; destination: received. Answers are not counted
  IpAddress icmp_target;                   ///< source: that host
  std::uint32_t ports_probed = 0;          ///< source: most TCP ports of one host that it probed and that never accepted it
  IpAddress probed_host;
  std::uint64_t odd_packets = 0;         ///< with TCP flags that no stack sends
  std::uint64_t answered_flows = 0;      ///< destination: flows that it accepted or answered
  std::uint64_t refused_flows = 0;       ///< destination: flows that it did not
  std::uint64_t unanswered_packets = 0;  ///< destination: of UDP flows that it did not answer
};
inline constexpr std::string_view kHalfOpenSyn = "half_open_syn";
inline constexpr std::string_view kIcmpPackets = "icmp_packets";
inline constexpr std::string_view kPortsProbed = "ports_probed";
inline constexpr std::string_view kHostsProbed = "hosts_probed";
inline constexpr std::string_view kUnansweredUdpPackets = "unanswered_udp_packets";
inline constexpr std::string_view kEmptyConnections = "empty_connections";
inline constexpr std::string_view kHeldConnections = "held_connections";
inline constexpr std::string_view kLogins = "logins_to_service";
inline constexpr std::string_view kSshLogins = "ssh_logins";
inline constexpr std::string_view kLoginCommands = "login_commands";
inline constexpr std::string_view kRefusedLogins = "refused_logins";
inline constexpr std::string_view kCommunities = "snmp_communities";
inline constexpr std::string_view kWebAttacks = "web_attacks";
inline constexpr std::string_view kHttpErrors = "http_errors";
inline constexpr std::string_view kMissingNames = "missing_names";
inline constexpr std::string_view kLongNames = "long_names";
inline constexpr std::string_view kLargePackets = "large_packets";
inline constexpr std::string_view kUncommonPortBytes = "uncommon_port_bytes";
inline constexpr std::string_view kOddPackets = "odd_packets";
inline constexpr std::string_view kSilentSources = "silent_sources";
inline constexpr std::string_view kUnaskedAnswers = "unasked_answers";
inline constexpr std::string_view kUnaskedRefusals = "unasked_refusals";

/// What one host did (as source) or what was done to it (as destination) in one window.
struct HostWindow {
  IpAddress host;
  Role role = Role::kSource;
  std::int64_t start_ns = 0, end_ns = 0;  ///< [start, end), aligned to multiples of 10 s
  bool home = false;                      ///< belongs to a home network

  std::uint64_t packets = 0, bytes = 0, sum_squared_bytes = 0;
  std::uint64_t tcp_packets = 0, udp_packets = 0, icmp_packets = 0;
  std::uint64_t uncommon_port_packets = 0;
  std::uint64_t burst_packets = 0;  ///< most in one tick
  std::int64_t first_ns = 0, last_ns = 0;
  Evidence evidence;

  std::shared_ptr<const HostSigns> signs;  ///< once the window is closed; nullptr: nothing was seen
  bool replies_visible = true;             ///< else both directions do not pass here: silence says nothing
  bool replies_proven = false;             ///< both directions are known to pass here

  const SignFigures& in_window() const { return signs ? signs->window : kNoSigns; }
  const SignFigures& in_minute() const { return signs ? signs->minute : kNoSigns; }

  FeatureVector features{};  ///< once the window is closed; destinations: all 0
};

/// All hosts of one closed window.
struct ClosedWindow {
  std::int64_t start_ns = 0, end_ns = 0;
  std::int64_t decided_ns = 0;  ///< end of the last tick in it: before end_ns where the traffic ends early
  std::vector<HostWindow> hosts;
};

}  // namespace weir
