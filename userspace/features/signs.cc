#include "features/signs.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <tuple>

namespace weir {
namespace {

constexpr std::size_t kMostOfAKind = 512;       // remembered of one host and kind: over twice the greatest default threshold
constexpr std::size_t kMostRemembered = 32768;  // of one window
constexpr std::int64_t kMinute_ns = 60'000'000'000;

auto order_of(const Sign& s) { return std::tie(s.key.host, s.key.what, s.key.other); }
bool is_before(const Sign& a, const Sign& b) {
  return a.key.host != b.key.host ? a.key.host < b.key.host : order_of(a) < order_of(b);
}

bool is_same_kind(const Sign& a, const Sign& b) { return a.key.host == b.key.host && a.key.kind() == b.key.kind(); }

std::uint32_t add_clipped(std::uint32_t a, std::uint64_t b) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(a + b, std::numeric_limits<std::uint32_t>::max()));
}

/// The part of a sorted run that begins at `first` and is of its host and kind.
std::span<const Sign> run_at(std::span<const Sign> signs, std::size_t first) {
  std::size_t end = first + 1;
  while (end < signs.size() && is_same_kind(signs[first], signs[end])) ++end;
  return signs.subspan(first, end - first);
}

std::uint32_t sum_of(std::span<const Sign> run) {
  std::uint32_t sum = 0;
  for (const Sign& s : run) sum = add_clipped(sum, s.count);
  return sum;
}

std::uint32_t others_of(std::span<const Sign> run) {
  std::vector<IpAddress> others;
  for (const Sign& s : run) others.push_back(s.key.other);
  std::sort(others.begin(), others.end());
  return static_cast<std::uint32_t>(std::unique(others.begin(), others.end()) - others.begin());
}

Most greatest(std::span<const Sign> run) {
  Most most;
  for (const Sign& s : run)
    if (s.count > most.count) most = {s.count, s.key.other, s.key.port()};
  return most;
}

/// A run is sorted by port, then by host.
Most most_hosts(std::span<const Sign> run) {
  Most most;
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < run.size(); ++i) {
    count = i > 0 && run[i].key.port() == run[i - 1].key.port() ? count + 1 : 1;
    if (count > most.count) most = {count, run[i].key.other, run[i].key.port()};
  }
  return most;
}

std::uint32_t hosts_at(std::span<const Sign> run, std::uint16_t port) {
  return static_cast<std::uint32_t>(std::ranges::count_if(run, [port](const Sign& s) { return s.key.port() == port; }));
}

std::uint32_t ports_of(std::span<const Sign> run, const IpAddress& host) {
  return static_cast<std::uint32_t>(std::ranges::count_if(run, [&host](const Sign& s) { return s.key.other == host; }));
}

Most most_ports(std::span<const Sign> run) {
  std::vector<const Sign*> by_host;
  for (const Sign& s : run) by_host.push_back(&s);
  std::stable_sort(by_host.begin(), by_host.end(), [](const Sign* a, const Sign* b) { return a->key.other < b->key.other; });
  Most most;
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < by_host.size(); ++i) {
    count = i > 0 && by_host[i]->key.other == by_host[i - 1]->key.other ? count + 1 : 1;
    if (count > most.count) most = {count, by_host[i]->key.other, by_host[i]->key.port()};
  }
  return most;
}

/// Their kind stands where a port does.
void figure_web_attacks(std::span<const Sign> run, SignFigures& out) {
  out.web_attacks = sum_of(run);
  out.web_attack_target = greatest(run).host;
  for (const Sign& s : run) out.web_attack_kinds = static_cast<std::uint8_t>(out.web_attack_kinds | 1U << s.key.port());
}

/// A mirror answers again and again; an answer that is late comes once.
void figure_unasked_datagrams(std::span<const Sign> run, SignFigures& out) {
  constexpr std::uint32_t kAgain = 3;
  std::vector<Sign> again;
  std::ranges::copy_if(run, std::back_inserter(again), [](const Sign& s) { return s.count >= kAgain; });
  const Most most = greatest(again);
  out.unasked_datagrams = {sum_of(again), most.host, most.port};
  out.unasked_datagram_sources = others_of(again);
}

bool is_attempt(SignKind kind) {
  return kind == SignKind::kFailedTcp || kind == SignKind::kAcceptedTcp || kind == SignKind::kFailedUdp ||
         kind == SignKind::kAnsweredUdp;
}

void figure_attempts(std::span<const Sign> run, SignFigures& out) {
  const SignKind kind = run.front().key.kind();
  const auto services = static_cast<std::uint32_t>(run.size());
  out.services_tried += services;
  out.hosts_tried += others_of(run);
  if (kind == SignKind::kFailedTcp) out.failed_tcp = services;
  if (kind == SignKind::kFailedUdp) out.failed_udp = services;
  if (kind == SignKind::kFailedTcp || kind == SignKind::kAcceptedTcp)
    out.connections_to_service = std::max(out.connections_to_service, greatest(run).count);
}

void figure(std::span<const Sign> run, SignFigures& out) {
  if (is_attempt(run.front().key.kind())) figure_attempts(run, out);
  switch (run.front().key.kind()) {
    case SignKind::kFailedTcp:
      out.failed_ports_tcp = most_ports(run);
      out.failed_hosts_tcp = most_hosts(run);
      break;
    case SignKind::kAcceptedTcp:
      out.accepted_hosts_tcp = hosts_at(run, out.failed_hosts_tcp.port);
      break;
    case SignKind::kAnsweredUdp:
      out.answered_hosts_udp = hosts_at(run, out.failed_hosts_udp.port);
      out.answered_ports_udp = ports_of(run, out.probed_udp.host);
      break;
    case SignKind::kFailedUdp:
      out.failed_ports_udp = most_ports(run);
      out.failed_hosts_udp = most_hosts(run);
      break;
    case SignKind::kSilentEcho:
      out.silent_pings = others_of(run);
      break;
    case SignKind::kAnsweredEcho:
      out.answered_pings = others_of(run);
      break;
    case SignKind::kHalfOpen:
      out.half_open = greatest(run);
      break;
    case SignKind::kEmptyConnection:
      out.empty_connections = greatest(run);
      break;
    case SignKind::kHeldConnection:
      out.held_connections = greatest(run);
      break;
    case SignKind::kLogin:
      out.logins = greatest(run);
      break;
    case SignKind::kUnansweredUdp:
      out.unanswered_udp = greatest(run);
      break;
    case SignKind::kSshBanner:
      out.ssh_banners = most_ports(run);
      break;
    case SignKind::kLoginCommand:
      out.login_commands = greatest(run);
      break;
    case SignKind::kLoginRefused:
      out.refused_logins = greatest(run);
      break;
    case SignKind::kCommunity:
      out.communities = most_ports(run);
      break;
    case SignKind::kWebAttack:
      figure_web_attacks(run, out);
      break;
    case SignKind::kLargePayload:
      out.large_packets = greatest(run);
      break;
    case SignKind::kServiceUsed:
    case SignKind::kServiceServed:
      break;  // listed, see list_services()
    case SignKind::kHttpAnswer:
      out.http_answers = sum_of(run);
      break;
    case SignKind::kHttpError:
      out.http_errors = sum_of(run);
      break;
    case SignKind::kNameAnswer:
      out.name_answers = sum_of(run);
      break;
    case SignKind::kMissingName:
      out.missing_names = others_of(run);
      break;
    case SignKind::kNameQuestion:
      out.name_questions = sum_of(run);
      break;
    case SignKind::kLongName:
      out.long_names = others_of(run);
      break;
    case SignKind::kSilentSource:
      out.silent_sources = others_of(run);
      break;
    case SignKind::kUnaskedSynAck:
      out.unasked_synacks = sum_of(run);
      out.unasked_synack_sources = others_of(run);
      break;
    case SignKind::kUnaskedReset:
      out.unasked_reset_sources = others_of(run);
      break;
    case SignKind::kUnaskedDatagram:
      figure_unasked_datagrams(run, out);
      break;
    case SignKind::kProbedUdp:
      out.probed_udp = most_ports(run);
      break;
    case SignKind::kProbedSctp:
      out.probed_sctp = most_ports(run);
      break;
    case SignKind::kProbedByFin:
      out.probed_by_fin = most_ports(run);
      break;
    case SignKind::kProbedProtocol:
      out.probed_protocols = most_ports(run);
      break;
  }
}

/// The signs of one host and kind among sorted ones.
std::span<const Sign> find_run(const std::vector<Sign>& signs, const Sign& like) {
  const auto before = [](const Sign& a, const Sign& b) {
    return a.key.host != b.key.host ? a.key.host < b.key.host : a.key.kind() < b.key.kind();
  };
  const auto [first, end] = std::equal_range(signs.begin(), signs.end(), like, before);
  return {first, end};
}

void sum_equal(std::vector<Sign>& sorted) {
  std::size_t kept = 0;
  for (std::size_t i = 1; i < sorted.size(); ++i)
    if (sorted[i].key == sorted[kept].key)
      sorted[kept].count = add_clipped(sorted[kept].count, sorted[i].count);
    else
      sorted[++kept] = sorted[i];
  if (!sorted.empty()) sorted.resize(kept + 1);
}

/// A run is sorted by port.
void list_services(std::span<const Sign> run, HostSigns& out) {
  auto& list = run.front().key.kind() == SignKind::kServiceUsed ? out.used : out.served;
  for (const Sign& s : run) {
    const bool is_known = !list.empty() && list.back().port == s.key.port();
    if (!is_known && list.size() == kMostServices) return;
    if (!is_known) list.push_back({s.key.other, s.key.port(), 0});
    list.back().payload_bytes = add_clipped(list.back().payload_bytes, s.count);
  }
}

bool is_service(SignKind kind) { return kind == SignKind::kServiceUsed || kind == SignKind::kServiceServed; }

/// Whether six windows of the like could reach a threshold: a flood of random sources, each seen once, is passed over.
bool can_matter(std::span<const Sign> run) {
  switch (run.front().key.kind()) {
    case SignKind::kLoginRefused:
    case SignKind::kCommunity:
    case SignKind::kWebAttack:
    case SignKind::kUnaskedSynAck:
    case SignKind::kUnaskedReset:
    case SignKind::kServiceUsed:
    case SignKind::kServiceServed:
      return true;  // seldom, and few are enough
    default:
      return sum_of(run) >= 3;
  }
}

bool is_rolled_up(SignKind kind) {
  return kind != SignKind::kUnansweredUdp && kind != SignKind::kEmptyConnection && kind != SignKind::kSilentSource &&
         !is_service(kind);
}

}  // namespace

bool is_login_port(std::uint16_t port) {
  constexpr std::uint16_t kPorts[] = {21,  22,   23,   25,   110,  139,  143,  389,  445,  465,  512,  513,  587,  636, 993,
                                      995, 1433, 1521, 2222, 2323, 3306, 3389, 5432, 5900, 5901, 5902, 5903, 5985, 5986};
  return std::binary_search(std::begin(kPorts), std::end(kPorts), port);
}

void Signs::add(const IpAddress& host, SignKind kind, const IpAddress& other, std::uint16_t port, std::uint64_t count) {
  const std::uint32_t number =
      index_.find_or_add({host, other, std::uint64_t{static_cast<std::uint8_t>(kind)} << 16 | port});
  if (number == index_.kNone) {
    ++lost_;
    return;
  }
  index_.value(number) = add_clipped(index_.value(number), count);
}

void Signs::end_window(std::int64_t start_ns) {
  start_ns_ = start_ns;
  sorted_.clear();
  for (std::uint32_t i = 0; i < index_.size(); ++i) sorted_.push_back({index_.key(i), index_.value(i)});
  std::sort(sorted_.begin(), sorted_.end(), is_before);
}

std::shared_ptr<const HostSigns> Signs::figures_of(const IpAddress& host) const {
  Sign like;
  like.key.host = host;
  auto at = static_cast<std::size_t>(std::lower_bound(sorted_.begin(), sorted_.end(), like, is_before) - sorted_.begin());
  const auto [beacon, last] = beacons_.equal_range(host);
  auto out = beacon == last ? nullptr : std::make_shared<HostSigns>();
  if (out) std::transform(beacon, last, std::back_inserter(out->beacons), [](const auto& entry) { return entry.second; });
  while (at < sorted_.size() && sorted_[at].key.host == host) {
    const Run fresh = run_at(sorted_, at);
    at += fresh.size();
    if (!can_matter(fresh)) continue;
    if (!out) out = std::make_shared<HostSigns>();
    if (is_service(fresh.front().key.kind())) {
      list_services(fresh, *out);
      continue;
    }
    figure(fresh, out->window);
    figure(merged(fresh), out->minute);
  }
  return out;
}

/// With what the last 50 s had of the same host and kind.
std::vector<Sign> Signs::merged(Run fresh) const {
  std::vector<Sign> all(fresh.begin(), fresh.end());
  for (const Past& past : past_) {
    if (past.start_ns >= start_ns_ || past.start_ns + kMinute_ns <= start_ns_) continue;
    const Run run = find_run(past.signs, fresh.front());
    all.insert(all.end(), run.begin(), run.end());
  }
  if (all.size() > fresh.size()) std::sort(all.begin(), all.end(), is_before);
  sum_equal(all);
  return all;
}

void Signs::remember() {
  Past& past = past_[oldest_];
  oldest_ = (oldest_ + 1) % kPastWindows;
  past.start_ns = start_ns_;
  past.signs.clear();
  for (std::size_t at = 0; at < sorted_.size();) {
    const Run run = run_at(sorted_, at);
    at += run.size();
    if (!is_rolled_up(run.front().key.kind()) || !can_matter(run)) continue;
    const std::size_t keep = std::min({run.size(), kMostOfAKind, kMostRemembered - past.signs.size()});
    past.signs.insert(past.signs.end(), run.begin(), run.begin() + static_cast<std::ptrdiff_t>(keep));
    lost_ += std::min(run.size(), kMostOfAKind) - keep;  // more than a threshold asks for is no loss
  }
}

void Signs::begin_window() {
  remember();
  sorted_.clear();
  index_.clear();
  beacons_.clear();
}

}  // namespace weir
