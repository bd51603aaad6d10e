#include <fmt/format.h>

#include "publish/api.h"

namespace weir {
namespace {

/// Writes metric families: HELP and TYPE once, then samples.
class Families {
 public:
  void family(const char* name, const char* type, const char* help) {
    name_ = name;
    out_ += std::string("# HELP ") + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
  }
  void sample(double value, const std::string& labels = "") {
    out_ += name_ + (labels.empty() ? "" : "{" + labels + "}") + " " + fmt::format("{}", value) + "\n";
  }
  void sample(std::uint64_t value, const std::string& labels = "") {
    out_ += name_ + (labels.empty() ? "" : "{" + labels + "}") + " " + std::to_string(value) + "\n";
  }
  void counter(const char* name, const char* help, std::uint64_t value) {
    family(name, "counter", help);
    sample(value);
  }
  void gauge(const char* name, const char* help, double value) {
    family(name, "gauge", help);
    sample(value);
  }
  std::string take() { return std::move(out_); }

 private:
  std::string name_, out_;
};

/// A label's value with what the text format wants escaped.
std::string label(const char* name, std::string_view value) {
  std::string out = std::string(name) + "=\"";
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out + "\"";
}

void add_traffic(const Status& s, Families& f) {
  const Totals& t = s.totals;
  f.counter("weir_packets_total", "Packets on the watched interfaces.", t.seen_packets);
  f.counter("weir_bytes_total", "Bytes of these packets on the wire, frame check sequence excluded.", t.seen_bytes);
  f.counter("weir_flow_packets_total", "Packets accounted in flow records.", t.flow_packets);
  f.counter("weir_flow_records_total", "Flow records read from the kernel.", t.flow_records);
  f.counter("weir_stash_packets_total", "Packets that the daemon finished accounting after a flip.", t.stash_packets);
  f.counter("weir_overflow_packets_total", "Packets whose flow found no slot; in host records only.", t.overflow_packets);
  f.counter("weir_overflow_without_host_total", "Overflow host records that found no slot either.", t.overflow_without_host);
  f.family("weir_packets_undecoded_total", "counter", "Packets in no flow, by the reason.");
  for (std::size_t i = 1; i < t.undecoded_packets.size(); ++i)
    f.sample(t.undecoded_packets[i], label("reason", undecoded_reason_name(i)));
  f.counter("weir_spill_packets_total", "Packets seen by CPUs that had no share of the tables yet.", t.spill_packets);
  f.counter("weir_events_saturated_total", "Packets with an event that a full counter could not take.", t.saturated_events);
  f.family("weir_samples_total", "counter", "Payload heads, by what became of them.");
  f.sample(t.samples_sent, label("result", "sent"));
  f.sample(t.samples_capped, label("result", "capped"));
  f.sample(t.samples_lost, label("result", "lost"));
  f.counter("weir_answer_packets_total", "Packets that left inside interfaces, to match only; in no other number.",
            t.answer_packets);
  f.family("weir_interface_packets_total", "counter", "Packets in flow records, by interface and direction.");
  for (const WatchedInterface& i : s.interfaces) {
    if (i.ifindex == 0) continue;
    f.sample(i.packets - i.sent_packets, label("interface", i.name) + "," + label("direction", "in"));
    f.sample(i.sent_packets, label("interface", i.name) + "," + label("direction", "out"));
  }
  f.family("weir_merged_frames_total", "counter", "Frames counted as one packet, though the wire carried several.");
  for (const WatchedInterface& i : s.interfaces)
    if (i.ifindex != 0) f.sample(i.merged_frames, label("interface", i.name));
}

void add_daemon(const Status& s, Families& f) {
  f.family("weir_build_info", "gauge", "The running version.");
  f.sample(std::uint64_t{1}, label("version", s.version));
  f.family("weir_attach_info", "gauge", "How each interface is watched.");
  for (const WatchedInterface& i : s.interfaces)
    f.sample(std::uint64_t{1},
             label("interface", i.name) + "," + label("state", watch_state_name(i.state)) + "," + label("mode", i.mode) +
                 "," + label("role", interface_role_name(i.role)) + "," + label("mirror", i.mirror ? "true" : "false") +
                 "," + label("coverage", coverage_name(i.departures)) + "," +
                 label("counts", i.has_lower_bounds() ? "lower bounds" : "exact") + "," + label("reason", i.reason));
  f.family("weir_interfaces", "gauge", "Interfaces that the configuration means, by what became of them.");
  for (std::size_t i = 0; i < kWatchStates; ++i)
    f.sample(s.interface_states[i], label("state", watch_state_name(static_cast<WatchState>(i))));
  f.counter("weir_netlink_resyncs_total", "Times that notices of interfaces were lost and all were listed anew.",
            s.netlink_resyncs);
  f.gauge("weir_table_bytes", "Memory of the kernel's tables.", static_cast<double>(s.table_bytes));
  f.gauge("weir_start_time_seconds", "Unix time of the start.", static_cast<double>(s.started_ns) / 1e9);
  f.gauge("weir_config_last_reload_successful", "1 unless the last reload was refused.", s.settings.refusal.empty() ? 1 : 0);
  f.gauge("weir_config_last_reload_success_timestamp_seconds", "Unix time from which the configuration holds.",
          static_cast<double>(s.settings.since_ns) / 1e9);
  f.family("weir_config_reloads_total", "counter", "Reloads, by what became of them.");
  f.sample(s.settings.reloads, label("result", "taken"));
  f.sample(s.settings.refused, label("result", "refused"));
  f.counter("weir_ticks_total", "Drains of the tables.", s.ticks);
  f.counter("weir_tick_errors_total", "Drains that failed; what they missed stays for the next.", s.tick_errors);
  f.counter("weir_law_errors_total", "Ticks in which packets seen were not packets accounted. Must stay 0.", s.law_errors);
  f.gauge("weir_tick_busy_seconds", "Time that the last tick took.", s.tick_busy_s);
  f.gauge("weir_tick_late_seconds", "How late the last tick began.", s.tick_late_s);
}

void add_learning(const LearningStatus& l, Families& f) {
  f.family("weir_learning_state", "gauge",
           "Whether the model is one of this gateway's own traffic: 1 for the state it is in.");
  for (const auto phase : {LearningPhase::kOff, LearningPhase::kLearning, LearningPhase::kLearned})
    f.sample(std::uint64_t{l.phase == phase}, label("state", learning_phase_name(phase)));
  f.gauge("weir_learning_hours", "Hours of traffic watched to learn from.", l.hours);
  f.gauge("weir_learning_next_model_time_seconds", "Unix time at which the next model is expected; 0 = unknown or none.",
          l.next_ns ? static_cast<double>(*l.next_ns) / 1e9 : 0);
  f.counter("weir_learning_windows_total", "Ordinary windows to learn from.", l.windows);
  f.family("weir_learning_flagged_windows_total", "counter", "Windows not learned, by the rule that flagged them.");
  for (const auto& [kind, count] : l.flagged) f.sample(count, label("kind", kind));
  f.gauge("weir_learning_kept_share", "Share of these windows that memory holds.", l.share);
  f.gauge("weir_learning_bytes", "Memory of the windows that are held.", static_cast<double>(l.bytes));
  f.counter("weir_learning_models_total", "Models made.", l.models);
  f.gauge("weir_learning_training_seconds", "Time that the last model took, in a thread of low priority.", l.training_s);
  f.counter("weir_learning_training_errors_total", "Trainings that failed.", l.training_errors);
  f.counter("weir_learning_write_errors_total", "Times that what was learned could not be written.", l.write_errors);
  f.counter("weir_learning_files_set_aside_total", "Files of what was learned that could not be used at the start.",
            l.files_set_aside);
}

void add_baselines(const BaselineStatus& b, Families& f) {
  f.gauge("weir_baselines_restored_hosts", "Hosts whose past, as rules learned it, was found at the start.",
          static_cast<double>(b.hosts_restored));
  f.gauge("weir_baselines_left_out", "Hosts and uses of ports that found no room in the file written last.",
          static_cast<double>(b.left_out));
  f.counter("weir_baselines_write_errors_total", "Times that the file could not be written.", b.write_errors);
  f.counter("weir_baselines_files_set_aside_total", "Files that could not be used at the start.", b.files_set_aside);
}

void add_detection(const Status& s, Families& f) {
  f.gauge("weir_hosts_tracked", "Hosts remembered, source and destination apart.", static_cast<double>(s.hosts_tracked));
  f.counter("weir_windows_total", "Closed windows of 10 s.", s.windows_closed);
  f.counter("weir_untracked_packets_total", "Packets of hosts that a window had no room for.", s.losses.untracked_packets);
  f.counter("weir_unjoined_records_total", "Flow records that could not be joined across ticks.", s.losses.unjoined_records);
  f.counter("weir_unheard_samples_total", "Payload heads that no histogram had room for.", s.losses.unheard_samples);
  f.counter("weir_lost_signs_total", "Facts for rules that a window, or the last minute, had no room for.",
            s.losses.lost_signs);
  f.family("weir_model_info", "gauge", "The model in use.");
  f.sample(std::uint64_t{s.model_enabled}, label("version", s.model_version));
  f.gauge("weir_model_threshold", "Scores above raise an alert; 1 = none does.", s.model_threshold);
  f.family("weir_alerts_total", "counter", "Alerts raised, by kind.");
  for (const auto& [kind, count] : s.alerts_by_kind) f.sample(count, label("kind", kind));
  f.family("weir_alerts_silenced_total", "counter", "Alerts delivered to nobody, because they are expected.");
  for (std::size_t i = 0; i < kSilenceCauses; ++i)
    f.sample(s.alerts_silenced[i], label("by", silence_cause_name(static_cast<SilenceCause>(i))));
  f.counter("weir_incidents_total", "Incidents begun: alerts that belong together are one.", s.incidents);
  f.counter("weir_alert_repeats_total", "Alarms held back as repeats.", s.repeats_suppressed);
  f.counter("weir_alert_write_errors_total", "Alerts that a sink did not take.", s.alert_write_errors);
}

}  // namespace

std::string render_metrics(const Status& status) {
  Families families;
  add_traffic(status, families);
  add_daemon(status, families);
  add_detection(status, families);
  add_learning(status.learning, families);
  add_baselines(status.baselines, families);
  return families.take();
}

}  // namespace weir
