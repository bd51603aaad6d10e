#include "publish/api.h"

#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "publish/json_lines.h"

namespace weir {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMostHosts = 500, kMostFlows = 100, kMostPorts = 100;

ordered_json interfaces_json(const Status& s) {
  ordered_json out = ordered_json::array();
  for (const WatchedInterface& i : s.interfaces)
    out.push_back({{"name", i.name},
                   {"state", watch_state_name(i.state)},
                   {"hook", i.hook()},
                   {"mode", i.mode},
                   {"reason", i.reason},
                   {"role", interface_role_name(i.role)},
                   {"mirror", i.mirror},
                   {"mirror_reason", i.mirror_reason},
                   {"coverage", coverage_name(i.departures)},
                   {"coverage_reason", i.departures_reason},
                   {"packets", i.packets},
                   {"bytes", i.bytes},
                   {"sent_packets", i.sent_packets},
                   {"sent_bytes", i.sent_bytes},
                   {"merged_frames", i.merged_frames},
                   {"counts", i.has_lower_bounds() ? "lower bounds" : "exact"}});
  return out;
}

/// Of all attached interfaces together.
std::string_view coverage(const Status& s) {
  std::set<std::string_view> all;
  for (const WatchedInterface& i : s.interfaces)
    if (i.state == WatchState::kAttached) all.insert(coverage_name(i.departures));
  if (all.size() > 1) return "differs by interface";
  return all.empty() ? coverage_name(Departures::kNone) : *all.begin();
}

ordered_json packets_json(const Totals& t) {
  ordered_json undecoded = ordered_json::object();
  for (std::size_t i = 1; i < t.undecoded_packets.size(); ++i)
    undecoded[std::string(undecoded_reason_name(i))] = t.undecoded_packets[i];
  return {{"seen", t.seen_packets},         {"in_flows", t.flow_packets},        {"from_stash", t.stash_packets},
          {"overflow", t.overflow_packets}, {"undecoded", std::move(undecoded)}, {"seen_bytes", t.seen_bytes},
          {"answers", t.answer_packets}};
}

ordered_json losses_json(const Status& s) {
  return {{"overflow_without_host", s.totals.overflow_without_host},
          {"spill_packets", s.totals.spill_packets},
          {"saturated_events", s.totals.saturated_events},
          {"samples_capped", s.totals.samples_capped},
          {"samples_lost", s.totals.samples_lost},
          {"untracked_packets", s.losses.untracked_packets},
          {"unjoined_records", s.losses.unjoined_records},
          {"unheard_samples", s.losses.unheard_samples},
          {"lost_signs", s.losses.lost_signs},
          {"tick_errors", s.tick_errors},
          {"law_errors", s.law_errors},
          {"alert_write_errors", s.alert_write_errors}};
}

ordered_json silenced_json(const Status& s) {
  ordered_json out = ordered_json::object();
  for (std::size_t i = 0; i < kSilenceCauses; ++i)
    out[std::string(silence_cause_name(static_cast<SilenceCause>(i)))] = s.alerts_silenced[i];
  return out;
}

ordered_json settings_json(const SettingsStatus& s) {
  return {{"since", unix_seconds(s.since_ns)},
          {"files", s.files},
          {"reloads", s.reloads},
          {"refused", s.refused},
          {"refusal", s.refusal}};
}

ordered_json learning_json(const LearningStatus& l) {
  const ordered_json next = l.next_ns ? ordered_json(unix_seconds(*l.next_ns)) : ordered_json();
  const bool is_learning = l.phase == LearningPhase::kLearning;
  return {{"state", learning_phase_name(l.phase)},
          {"reason", l.reason},
          {"since", unix_seconds(l.since_ns)},
          {"switches_at", is_learning ? next : ordered_json()},
          {"calibrates_at", is_learning ? ordered_json() : next},
          {"training", l.is_training},
          {"models", l.models},
          {"training_seconds", l.training_s},
          {"windows", l.windows},
          {"flagged", l.flagged},
          {"kept_share", l.share},
          {"bytes", l.bytes},
          {"hours", l.hours},
          {"hours_wanted", l.hours_wanted},
          {"directory", l.kept_in},
          {"not_kept", l.not_kept},
          {"training_errors", l.training_errors},
          {"write_errors", l.write_errors},
          {"files_set_aside", l.files_set_aside}};
}

ordered_json baselines_json(const BaselineStatus& b) {
  return {{"hosts_restored", b.hosts_restored},
          {"left_out", b.left_out},
          {"write_errors", b.write_errors},
          {"files_set_aside", b.files_set_aside}};
}

ordered_json features_json(const HostWindow& w) {
  ordered_json out = ordered_json::object();
  if (w.role == Role::kSource)
    for (std::size_t i = 0; i < kFeatureCount; ++i) out[std::string(kFeatures[i].name)] = w.features[i];
  return out;
}

ordered_json host_json(const HostEntry& e) {
  return {{"host", e.last.host.to_string()},
          {"role", role_name(e.last.role)},
          {"home", e.last.home},
          {"total_packets", e.packets},
          {"total_bytes", e.bytes},
          {"window_start", unix_seconds(e.last.start_ns)},
          {"packets", e.last.packets},
          {"bytes", e.last.bytes},
          {"score", e.score},
          {"model_score", e.model_score},
          {"max_score", e.max_score},
          {"max_model_score", e.max_model_score},
          {"kinds", e.kinds},
          {"silenced", e.silenced},
          {"features", features_json(e.last)}};
}

ordered_json flow_json(const FlowRecord& f) {
  return {{"source", f.key.source.to_string()},
          {"destination", f.key.destination.to_string()},
          {"protocol", f.key.protocol},
          {"source_port", f.key.source_port},
          {"destination_port", f.key.destination_port},
          {"vlan", f.key.origin & WEIR_ORIGIN_VLAN_MASK},
          {"interface", interface_slot(f.key.origin)},
          {"direction", is_leaving(f.key.origin) ? "out" : "in"},
          {"packets", f.packets},
          {"bytes", f.bytes},
          {"tcp_flags", f.tcp_flags()},
          {"first", unix_seconds(f.first_ns)},
          {"last", unix_seconds(f.last_ns)}};
}

ordered_json ports_json(const std::array<std::uint64_t, 65536>& counts) {
  std::vector<std::uint32_t> ports;
  for (std::uint32_t p = 0; p < counts.size(); ++p)
    if (counts[p] != 0) ports.push_back(p);
  const std::size_t shown = std::min(kMostPorts, ports.size());
  std::partial_sort(ports.begin(), ports.begin() + static_cast<std::ptrdiff_t>(shown), ports.end(),
                    [&](std::uint32_t a, std::uint32_t b) { return counts[a] > counts[b]; });
  ordered_json busiest = ordered_json::array();
  for (std::size_t i = 0; i < shown; ++i) busiest.push_back({{"port", ports[i]}, {"packets", counts[ports[i]]}});
  return {{"distinct", ports.size()}, {"busiest", std::move(busiest)}};
}

}  // namespace

std::string render_status(const Status& s) {
  return ordered_json{{"version", s.version},
                      {"time", unix_seconds(s.now_ns)},
                      {"uptime_s", unix_seconds(s.now_ns - s.started_ns)},
                      {"pid", getpid()},
                      {"settings", settings_json(s.settings)},
                      {"interfaces", interfaces_json(s)},
                      {"interfaces_refused", s.interface_states[static_cast<std::size_t>(WatchState::kRefused)]},
                      {"coverage", coverage(s)},
                      {"table_bytes", s.table_bytes},
                      {"packets_per_second", s.packets_per_second},
                      {"bytes_per_second", s.bytes_per_second},
                      {"packets", packets_json(s.totals)},
                      {"ticks", s.ticks},
                      {"windows", s.windows_closed},
                      {"hosts", s.hosts_tracked},
                      {"losses", losses_json(s)},
                      {"last_error", s.last_error},
                      {"model",
                       {{"enabled", s.model_enabled},
                        {"version", s.model_version},
                        {"sha256", s.model_sha256},
                        {"threshold", s.model_threshold},
                        {"only_observes", s.model_only_observes}}},
                      {"learning", learning_json(s.learning)},
                      {"baselines", baselines_json(s.baselines)},
                      {"alerts", s.alerts_by_kind},
                      {"alerts_silenced", silenced_json(s)},
                      {"incidents", s.incidents},
                      {"repeats_suppressed", s.repeats_suppressed}}
      .dump();
}

std::string render_readiness(const std::string& reason) {
  if (reason.empty()) return ordered_json{{"ready", true}}.dump();
  return ordered_json{{"ready", false}, {"reason", reason}}.dump();
}

std::string render_hosts(const HostLedger& ledger) {
  ordered_json hosts = ordered_json::array();
  for (const HostEntry* entry : ledger.busiest(kMostHosts)) hosts.push_back(host_json(*entry));
  return ordered_json{{"tracked", ledger.size()}, {"hosts", std::move(hosts)}}.dump();
}

std::string render_flows(const Snapshot& tick) {
  std::vector<const FlowRecord*> all;
  all.reserve(tick.flows.size());
  for (const FlowRecord& f : tick.flows) all.push_back(&f);
  const std::size_t shown = std::min(kMostFlows, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(shown), all.end(),
                    [](const FlowRecord* a, const FlowRecord* b) { return a->bytes > b->bytes; });
  ordered_json flows = ordered_json::array();
  for (std::size_t i = 0; i < shown; ++i) flows.push_back(flow_json(*all[i]));
  return ordered_json{{"start", unix_seconds(tick.start_ns)},
                      {"end", unix_seconds(tick.end_ns)},
                      {"records", all.size()},
                      {"flows", std::move(flows)}}
      .dump();
}

std::string render_alerts(const AlertHistory& history) {
  ordered_json alerts = ordered_json::array();
  for (const Alert& alert : history.alerts()) alerts.push_back(alert_json(alert));
  return ordered_json{{"alerts", std::move(alerts)}}.dump();
}

std::string render_events(const EventHistory& history) {
  ordered_json events = ordered_json::array();
  for (const Event& event : history.events()) events.push_back(event_json(event));
  return ordered_json{{"events", std::move(events)}}.dump();
}

std::string render_incidents(const Incidents& incidents, std::int64_t now_ns) {
  ordered_json out = ordered_json::array();
  for (const Incident& incident : incidents.all())
    out.push_back(incident_json(incident, incidents.is_open(incident, now_ns)));
  return ordered_json{{"begun", incidents.begun()}, {"incidents", std::move(out)}}.dump();
}

std::string render_histograms(const Histograms& h) {
  ordered_json protocols = ordered_json::object();
  for (std::size_t p = 0; p < h.protocols.size(); ++p)
    if (h.protocols[p] != 0) protocols[std::to_string(p)] = h.protocols[p];
  return ordered_json{
      {"protocols", std::move(protocols)}, {"tcp_ports", ports_json(h.tcp_ports)}, {"udp_ports", ports_json(h.udp_ports)}}
      .dump();
}

}  // namespace weir
