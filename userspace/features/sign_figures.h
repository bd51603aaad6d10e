#pragma once

#include <cstdint>
#include <vector>

#include "base/ip_address.h"

namespace weir {

/// A greatest number, and what it was counted of.
struct Most {
  std::uint32_t count = 0;
  IpAddress host;
  std::uint16_t port = 0;
};

/// What rules look at beside the features: over the window of 10 s, or over the last 60 s. A figure of 60 s counts only
/// what the window adds to, so that nothing is told after the fact.
struct SignFigures {
  // As source. "Failed": a TCP flow that was never accepted, see JoinedFlow::is_probe(); a UDP flow without an answer.
  std::uint32_t services_tried = 0, hosts_tried = 0;  ///< of conversations that it began; hosts: once for each outcome
  std::uint32_t failed_tcp = 0, failed_udp = 0;       ///< services of these that failed
  std::uint32_t connections_to_service = 0;           ///< most TCP connections to one service, accepted or not
  Most failed_ports_tcp, failed_ports_udp;            ///< most distinct ports of one host that failed
  Most probed_udp, probed_sctp, probed_by_fin;  ///< most ports of one host that a client tried in vain, see flow_signs.cc
  Most probed_protocols;                        ///< most protocols beside TCP, UDP and ICMP that one host was tried with
  std::uint32_t answered_ports_udp = 0;         ///< of the host of probed_udp
  Most failed_hosts_tcp, failed_hosts_udp;      ///< most distinct hosts at which one port failed
  std::uint32_t accepted_hosts_tcp = 0, answered_hosts_udp = 0;  ///< hosts at which that port did not fail
  std::uint32_t silent_pings = 0, answered_pings = 0;            ///< hosts that it pinged, by whether they answered
  Most half_open;                                                ///< most SYN packets to one service that never accepted it
  Most empty_connections;  ///< most new, accepted TCP connections to one service that sent no data
  Most held_connections;   ///< most new TCP connections to one service, open and without an answer for 2 s or more
  Most logins;             ///< most new TCP connections to one login service (see is_login_port())
  Most unanswered_udp;     ///< most UDP packets to one host that were not answered
  Most large_packets;      ///< most packets with large payload to one service that carries little; port 0: ICMP

  // As source, of sampled payload heads: lower bounds.
  Most ssh_banners;                   ///< most connections to one host that opened with an SSH banner, on any port
  Most login_commands;                ///< most USER, PASS, AUTH, LOGIN to one service
  Most refused_logins;                ///< most refusals by one service
  Most communities;                   ///< most different SNMP communities tried at one host
  std::uint32_t web_attacks = 0;      ///< requests with the syntax of an attack
  std::uint8_t web_attack_kinds = 0;  ///< bits of enum WebAttack
  IpAddress web_attack_target;        ///< of the most
  std::uint32_t http_answers = 0, http_errors = 0;    ///< to the host; errors: status 4xx
  std::uint32_t name_answers = 0, missing_names = 0;  ///< DNS answers to it; distinct names that do not exist
  std::uint32_t name_questions = 0, long_names = 0;   ///< asked; distinct names with a label of 24 bytes or more

  // As destination.
  std::uint32_t silent_sources = 0;  ///< hosts whose flows to it were not answered or never accepted
  std::uint32_t unasked_synacks = 0, unasked_synack_sources = 0;  ///< answers to connections that it never tried
  std::uint32_t unasked_reset_sources = 0;                        ///< hosts that refused what it never sent
  Most unasked_datagrams;  ///< UDP of services that amplify, never asked, from hosts that sent 3 or more; of the most
  std::uint32_t unasked_datagram_sources = 0;
};

/// Conversations of a host with one service at a steady period.
struct Beacon {
  IpAddress destination;
  std::uint16_t port = 0;
  std::uint32_t gaps = 0;  ///< that are steady, 32 at most
  float period_s = 0;
};

/// Connections, in the window, for a TCP service on a port that is not common (windows.common_ports).
struct ServiceUse {
  IpAddress other;  ///< the service's host, or who used it: of the most bytes
  std::uint16_t port = 0;
  std::uint32_t payload_bytes = 0;  ///< that `other` and the host exchanged towards the service
};

struct HostSigns {
  SignFigures window, minute;
  std::vector<Beacon> beacons;
  std::vector<ServiceUse> used, served;  ///< outside home; by port, kMostServices at most
};
inline constexpr std::size_t kMostServices = 32;
inline const SignFigures kNoSigns;

}  // namespace weir
