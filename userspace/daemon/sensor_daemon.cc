#include "daemon/sensor_daemon.h"

#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "publish/summary.h"
#include "version.h"

namespace weir {
namespace {

constexpr std::int64_t kSecond_ns = 1'000'000'000;
constexpr std::int64_t kTellErrorsEvery_ns = 60 * kSecond_ns;

std::int64_t now_ns(clockid_t clock = CLOCK_REALTIME) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * kSecond_ns + now.tv_nsec;
}

/// Waits for a stop signal, at most until the next whole second of the wall clock. True if one came.
bool stopped_before_next_second(const sigset_t& signals) {
  const std::int64_t left = kSecond_ns - now_ns() % kSecond_ns;
  const timespec timeout{left / kSecond_ns, left % kSecond_ns};
  return sigtimedwait(&signals, nullptr, &timeout) > 0;
}

const char* coverage_of(const Attachment& a) {
  if (a.departures == Departures::kCounted) return "both directions";
  return a.departures == Departures::kAnswers ? "arrivals, answers to match" : "arrivals only";
}

InterfaceStatus status_of(const Attachment& a) {
  InterfaceStatus out;
  out.name = a.interface;
  out.mode = a.mode;
  out.reason = a.reason;
  out.coverage = coverage_of(a);
  out.coverage_reason = a.departures_reason;
  out.may_be_merged = a.may_be_merged;
  return out;
}

}  // namespace

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

SensorDaemon::SensorDaemon(const Config& config, const Model* model)
    : pipeline_(config.windows, config.detect, model), ledger_(config.windows.hosts) {
  status_.version = kVersion;
  status_.started_ns = status_.now_ns = now_ns();
  status_.model_enabled = model != nullptr && config.detect.model.enabled;
  if (model != nullptr) status_.model_version = model->provenance().version;
  status_.model_threshold = pipeline_.detector().threshold();
  pipeline_.on_alert([this](const Alert& alert) { publish_alert(alert); });
  pipeline_.on_window([this](const ClosedWindow& window, const Judgement& judgement) {
    ++status_.windows_closed;
    ledger_.add(window, judgement.verdicts);
    publish_windows();
  });
}

Result<std::unique_ptr<SensorDaemon>> SensorDaemon::start(const Config& config, const Model* model) {
  std::unique_ptr<SensorDaemon> daemon(new SensorDaemon(config, model));
  if (auto sinks = daemon->open_sinks(config.publish.alerts); !sinks) return tl::make_unexpected(sinks.error());
  if (auto http = daemon->open_http(config.publish.http); !http) return tl::make_unexpected(http.error());
  auto source = LiveSource::start(config.sensor);
  if (!source) return tl::make_unexpected(source.error());
  daemon->source_ = std::move(*source);
  daemon->status_.table_bytes = daemon->source_->table_bytes();
  for (const Attachment& a : daemon->source_->attachments()) daemon->status_.interfaces.push_back(status_of(a));
  daemon->publish_tick();
  daemon->publish_windows();
  daemon->tell_start(config.publish.http);
  return daemon;
}

Result<void> SensorDaemon::open_sinks(const AlertOptions& options) {
  auto lines = JsonLinesSink::open(options.file);
  if (!lines) return tl::make_unexpected(lines.error());
  sinks_.push_back(std::move(*lines));
  if (options.journal && JournalSink::is_available()) sinks_.push_back(std::make_unique<JournalSink>());
  return {};
}

Result<void> SensorDaemon::open_http(const HttpOptions& options) {
  if (!options.enabled) return {};
  board_.put("/healthz", "application/json", R"({"healthy":true})");
  board_.put("/readyz", "application/json", R"({"ready":false,"reason":"starting"})", 503);
  auto server = HttpServer::start(options, [this](std::string_view path) { return board_.find(path); });
  if (!server) return tl::make_unexpected(server.error());
  http_ = std::move(*server);
  return {};
}

void SensorDaemon::tell_start(const HttpOptions& http) const {
  for (const Attachment& a : source_->attachments()) {
    const char* hook = a.ingress.way().empty() ? "XDP" : "tc";
    spdlog::info("{}: {} {}{}{}", a.interface, hook, a.mode, a.reason.empty() ? "" : ", because ", a.reason);
    const bool is_noteworthy = a.departures == Departures::kCounted && !a.departures_reason.empty();
    spdlog::log(is_noteworthy ? spdlog::level::warn : spdlog::level::info, "{}: {}{}{}", a.interface, coverage_of(a),
                a.departures_reason.empty() ? "" : ": ", a.departures_reason);
    if (a.may_be_merged) spdlog::warn("{}: counts are lower bounds: {}", a.interface, a.merged_reason);
    if (!a.may_be_merged && !a.merged_reason.empty()) spdlog::info("{}: {}", a.interface, a.merged_reason);
  }
  spdlog::info("tables take {} MiB", source_->table_bytes() >> 20);
  if (http_)
    spdlog::info("HTTP answers on {} port {}: /api/v1/status, /api/v1/alerts, /metrics", http.address, http_->port());
}

void SensorDaemon::run(std::optional<unsigned> duration_s) {
  const sigset_t signals = stop_signals();
  sd_notify(0, "READY=1");
  const std::int64_t until_ns = duration_s ? now_ns(CLOCK_MONOTONIC) + *duration_s * kSecond_ns : 0;
  while (!stopped_before_next_second(signals)) {
    tick(static_cast<double>(now_ns() % kSecond_ns) / 1e9);
    if (duration_s && now_ns(CLOCK_MONOTONIC) >= until_ns) break;
  }
  sd_notify(0, "STOPPING=1");
  tick(0);  // what came since the last whole second
  pipeline_.finish();
  http_.reset();
  source_.reset();  // detaches
}

void SensorDaemon::tick(double late_s) {
  const std::int64_t began_ns = now_ns(CLOCK_MONOTONIC);
  if (const auto read = source_->read_tick(snapshot_); !read) {
    count_error(read.error());
  } else {
    pipeline_.add(snapshot_);
    count(snapshot_, static_cast<double>(now_ns(CLOCK_MONOTONIC) - began_ns) / 1e9, late_s);
  }
  publish_tick();
  sd_notify(0, "WATCHDOG=1");
}

void SensorDaemon::count(const Snapshot& tick, double busy_s, double late_s) {
  ++status_.ticks;
  status_.tick_busy_s = busy_s;
  status_.tick_late_s = late_s;
  status_.now_ns = tick.end_ns;
  status_.totals += tick.totals;
  if (!tick.totals.is_conserved()) ++status_.law_errors;
  const double length_s = std::max(1e-9, static_cast<double>(tick.end_ns - tick.start_ns) / 1e9);
  if (tick.end_ns > tick.start_ns) {  // the last tick before a stop has no length
    status_.packets_per_second = static_cast<double>(tick.totals.seen_packets) / length_s;
    status_.bytes_per_second = static_cast<double>(tick.totals.seen_bytes) / length_s;
  }
  histograms_.add(tick);
  for (const FlowRecord& f : tick.flows) {
    const unsigned slot = interface_slot(f.key.origin);
    if (slot >= status_.interfaces.size()) continue;
    status_.interfaces[slot].packets += f.packets;
    status_.interfaces[slot].bytes += f.bytes;
    status_.interfaces[slot].sent_packets += is_leaving(f.key.origin) ? f.packets : 0;
    status_.interfaces[slot].sent_bytes += is_leaving(f.key.origin) ? f.bytes : 0;
  }
  for (std::size_t slot = 0; slot < status_.interfaces.size(); ++slot)
    status_.interfaces[slot].merged_frames += tick.totals.merged_frames[slot];
  status_.losses = pipeline_.keeper().losses();
  status_.hosts_tracked = ledger_.size();
  status_.repeats_suppressed = pipeline_.detector().suppressed_repeats();
}

void SensorDaemon::count_error(const Error& error) {
  ++status_.tick_errors;
  status_.last_error = error.what;
  const std::int64_t now = now_ns(CLOCK_MONOTONIC);
  if (error_told_ns_ != 0 && now - error_told_ns_ < kTellErrorsEvery_ns) return;
  error_told_ns_ = now;
  spdlog::error("tick: {} ({} so far)", error.what, status_.tick_errors);
}

void SensorDaemon::publish_alert(const Alert& alert) {
  ++status_.alerts_by_kind[std::string(alert.kind)];
  history_.add(alert);
  board_.put("/api/v1/alerts", "application/json", render_alerts(history_));
  for (const auto& sink : sinks_) {
    const auto written = sink->write(alert);
    if (written) continue;
    ++status_.alert_write_errors;
    status_.last_error = written.error().what;
  }
}

void SensorDaemon::publish_tick() {
  const bool is_ready = status_.ticks != 0 && status_.interfaces.size() == source_->attachments().size();
  board_.put("/readyz", "application/json", is_ready ? R"({"ready":true})" : R"({"ready":false,"reason":"no tick yet"})",
             is_ready ? 200 : 503);
  board_.put("/metrics", "text/plain; version=0.0.4; charset=utf-8", render_metrics(status_));
  board_.put("/api/v1/status", "application/json", render_status(status_));
  board_.put("/api/v1/flows", "application/json", render_flows(snapshot_));
  board_.put("/api/v1/histograms", "application/json", render_histograms(histograms_));
}

void SensorDaemon::publish_windows() {
  board_.put("/api/v1/hosts", "application/json", render_hosts(ledger_));
  board_.put("/api/v1/alerts", "application/json", render_alerts(history_));
}

std::string SensorDaemon::summary() const { return render_summary(status_, ledger_); }

}  // namespace weir
