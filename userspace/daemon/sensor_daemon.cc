#include "daemon/sensor_daemon.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <utility>

#include "daemon/whole_seconds.h"
#include "model_file.h"
#include "publish/host_detail.h"
#include "publish/summary.h"
#include "version.h"

namespace weir {
namespace {

constexpr std::int64_t kTellErrorsEvery_ns = 60 * kSecond_ns;

bool is_same(const WatchedInterface& a, const WatchedInterface& b) {
  return a.ifindex == b.ifindex && a.state == b.state && a.mode == b.mode && a.mirror == b.mirror && a.reason == b.reason &&
         a.mirror_reason == b.mirror_reason && a.departures == b.departures && a.may_be_merged == b.may_be_merged;
}

const WatchedInterface* find_interface(const std::vector<WatchedInterface>& all, const std::string& name) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const WatchedInterface& i) { return i.name == name; });
  return at == all.end() ? nullptr : &*at;
}

/// The first time, and then not more often than kTellErrorsEvery_ns.
bool is_time_to_tell(std::int64_t& told_ns) {
  const std::int64_t now = now_ns(CLOCK_MONOTONIC);
  if (told_ns != 0 && now - told_ns < kTellErrorsEvery_ns) return false;
  told_ns = now;
  return true;
}

void tell_departures(const WatchedInterface& i) {
  const bool is_noteworthy = i.departures == Departures::kCounted && !i.departures_reason.empty();
  spdlog::log(is_noteworthy ? spdlog::level::warn : spdlog::level::info, "{}: {}{}{}", i.name, coverage_name(i.departures),
              i.departures_reason.empty() ? "" : ": ", i.departures_reason);
  if (i.may_be_merged) spdlog::warn("{}: counts are lower bounds: {}", i.name, i.merged_reason);
  if (!i.may_be_merged && !i.merged_reason.empty()) spdlog::info("{}: {}", i.name, i.merged_reason);
}

}  // namespace

SensorDaemon::SensorDaemon(const Settings& settings, LoadSettings load, EventLog& events)
    : load_(std::move(load)),
      events_(events),
      pipeline_(settings.config.windows, settings.config.detect, nullptr),
      learning_(settings.config, settings.model, now_ns(), events),
      baselines_(learning_.store(), events),
      ledger_(settings.config.windows.hosts) {
  schedule_ = settings.config.schedule;
  status_.settings.files = settings.config.files;
  status_.version = kVersion;
  status_.started_ns = status_.now_ns = status_.settings.since_ns = now_ns();
  status_.model_enabled = settings.config.detect.model.enabled;
  use_model();
  pipeline_.restore(baselines_.take_found(), now_ns());
  pipeline_.on_alert([this](const Alert& alert) { publish_alert(alert); });
  pipeline_.on_window([this](const ClosedWindow& window, const Judgement& judgement) {
    ++status_.windows_closed;
    ledger_.add(window, judgement.verdicts);
    windows_.add(window, judgement.verdicts, pipeline_.detector().model());
    learning_.add(window, judgement);
    baselines_.count_window(pipeline_.detector());
    publish_windows();
  });
}

Result<std::unique_ptr<SensorDaemon>> SensorDaemon::start(const Settings& settings, LoadSettings load, EventLog& events) {
  const Config& config = settings.config;
  std::unique_ptr<SensorDaemon> daemon(new SensorDaemon(settings, std::move(load), events));
  auto sinks = open_sinks(config.publish.alerts);
  if (!sinks) return tl::make_unexpected(sinks.error());
  daemon->sinks_ = std::move(*sinks);
  daemon->board_.put("/healthz", "application/json", R"({"healthy":true})");
  daemon->board_.put("/readyz", "application/json", R"({"ready":false,"reason":"starting"})", 503);
  auto http = daemon->open_http(config.publish.http);
  if (!http) return tl::make_unexpected(http.error());
  daemon->use_http(std::move(*http), config.publish.http);
  auto source = LiveSource::start(config.sensor, daemon->store_.take());
  if (!source) {
    daemon->store_.keep({});  // what lies there would stay attached
    return tl::make_unexpected(source.error());
  }
  daemon->source_ = std::move(*source);
  daemon->store_.keep(daemon->source_->descriptors());
  daemon->tell_start();
  daemon->take_interfaces();
  daemon->publish_tick();
  daemon->publish_windows();
  daemon->learning_.tell_start();
  daemon->baselines_.tell_start();
  return daemon;
}

Result<SensorDaemon::NextHttp> SensorDaemon::open_http(const HttpOptions& options) {
  NextHttp next;
  if (!options.enabled) return next;
  const bool has_port = http_ && http_options_.port == options.port;
  if (has_port && http_options_.address != options.address)
    return fail(EADDRINUSE,
                "http.address: another one on the port in use cannot be had before the present one is given up: "
                "change http.port too, or restart weir");
  if (has_port) {
    auto access = HttpServer::read_access(options);
    if (!access) return tl::make_unexpected(access.error());
    next.access = std::move(*access);
    return next;
  }
  auto server = HttpServer::start(options, [this](std::string_view path) { return find_page(path); });
  if (!server) return tl::make_unexpected(server.error());
  next.server = std::move(*server);
  return next;
}

void SensorDaemon::use_http(NextHttp next, const HttpOptions& options) {
  if (next.access)
    http_->use(std::move(next.access));
  else
    http_ = std::move(next.server);
  http_options_ = options;
}

/// On the HTTP thread.
std::shared_ptr<const Page> SensorDaemon::find_page(std::string_view path) const {
  constexpr std::string_view kHosts = "/api/v1/hosts/";
  if (!path.starts_with(kHosts)) return board_.find(path);
  const auto host = IpAddress::parse(path.substr(kHosts.size()));
  if (!host) return nullptr;
  const std::lock_guard lock(policy_mutex_);
  return std::make_shared<const Page>(
      Page{"application/json", render_host(*host, pipeline_.detector(), windows_, now_ns()), 200});
}

void SensorDaemon::tell_start() {
  events_.info(EventKind::kStart,
               fmt::format("weir {} has started, its tables take {} MiB", kVersion, source_->table_bytes() >> 20));
  if (http_)
    spdlog::info("HTTP answers on {} port {}: /api/v1/status, /api/v1/alerts, /metrics", http_options_.address,
                 http_->port());
}

void SensorDaemon::tell_stop() {
  std::uint64_t alerts = 0;
  for (const auto& [kind, count] : status_.alerts_by_kind) alerts += count;
  events_.info(EventKind::kStop, fmt::format("weir has stopped after {} s: {} packets, {} alerts, {} incidents",
                                             (status_.now_ns - status_.started_ns) / kSecond_ns, status_.totals.seen_packets,
                                             alerts, status_.incidents));
}

Ending SensorDaemon::run(std::optional<unsigned> duration_s) {
  sd_notify(0, "READY=1");
  const Ending ending = watch(duration_s);
  if (ending == Ending::kStopped) sd_notify(0, "STOPPING=1");
  tick(0);  // what came since the last whole second
  pipeline_.finish();
  learning_.finish();
  baselines_.finish(pipeline_.detector());
  http_.reset();
  if (ending == Ending::kOffSchedule) store_.keep({});  // after a stop systemd drops it, after a restart it is taken over
  source_.reset();                                      // detaches, but from what systemd still holds
  tell_stop();
  return ending;
}

Ending SensorDaemon::watch(std::optional<unsigned> duration_s) {
  const std::int64_t until_ns = duration_s ? now_ns(CLOCK_MONOTONIC) + *duration_s * kSecond_ns : 0;
  const bool has_come_from_terminal = has_terminal();
  for (Wake wake; (wake = await_next_second()) != Wake::kStop;) {
    if (wake == Wake::kHangUp && has_come_from_terminal && !has_terminal()) break;  // it was closed: nobody asks to reload
    tick(wake == Wake::kSecond ? static_cast<double>(now_ns() % kSecond_ns) / 1e9 : 0, wake == Wake::kHangUp);
    if (duration_s && now_ns(CLOCK_MONOTONIC) >= until_ns) break;
    if (!schedule_.holds(now_ns())) return Ending::kOffSchedule;
  }
  return Ending::kStopped;
}

void SensorDaemon::tick(double late_s, bool reloads) {
  const std::int64_t began_ns = now_ns(CLOCK_MONOTONIC);
  if (const auto read = source_->read_tick(snapshot_); !read) {
    count_error(read.error());
  } else {
    pipeline_.add(snapshot_);
    count(snapshot_, static_cast<double>(now_ns(CLOCK_MONOTONIC) - began_ns) / 1e9, late_s);
  }
  if (learning_.tick(now_ns())) use_model();
  status_.learning = learning_.status();
  status_.baselines = baselines_.status();
  if (reloads)
    reload();
  else if (const auto followed = source_->follow_interfaces(); !followed)
    count_error(followed.error());
  store_.keep(source_->descriptors());
  take_interfaces();
  publish_tick();
  tell_service_manager();
}

/// What `systemctl status` shows.
void SensorDaemon::tell_service_manager() const {
  constexpr double kMbitPerByte = 8e-6;
  const std::string missing = missing_interfaces(status_);
  sd_notifyf(0, "WATCHDOG=1\nSTATUS=%.0f packets/s, %.1f Mbit/s, %llu hosts, %llu incidents, learning: %s%s%s",
             status_.packets_per_second, status_.bytes_per_second * kMbitPerByte,
             static_cast<unsigned long long>(status_.hosts_tracked), static_cast<unsigned long long>(status_.incidents),
             std::string(learning_phase_name(status_.learning.phase)).c_str(), missing.empty() ? "" : "; ", missing.c_str());
}

/// In place of following the interfaces: both change what is attached.
void SensorDaemon::reload() {
  sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", static_cast<long long>(now_ns(CLOCK_MONOTONIC) / 1000));
  const auto used = load_and_use();
  if (used) {
    ++status_.settings.reloads;
    status_.settings.refusal.clear();
    status_.settings.since_ns = now_ns();
    events_.info(EventKind::kReload, "reloaded");
  } else {
    ++status_.settings.refused;
    status_.settings.refusal = used.error().what;
    events_.error(EventKind::kReload, "not reloaded, all stays as it was: " + used.error().what);
  }
  sd_notify(0, "READY=1");
}

Result<void> SensorDaemon::load_and_use() {
  const auto settings = load_();
  if (!settings) return tl::make_unexpected(settings.error());
  return use(*settings);
}

/// All that may fail comes first, and what attaches last of it.
Result<void> SensorDaemon::use(const Settings& settings) {
  const Config& config = settings.config;
  auto sinks = open_sinks(config.publish.alerts);
  if (!sinks) return tl::make_unexpected(sinks.error());
  auto http = open_http(config.publish.http);
  if (!http) return tl::make_unexpected(http.error());
  if (auto used = source_->use(config.sensor); !used) return used;
  sinks_ = std::move(*sinks);
  sink_trouble_.clear();
  use_http(std::move(*http), config.publish.http);
  {
    const std::lock_guard lock(policy_mutex_);
    pipeline_.use(config.windows, config.detect);
  }
  ledger_.use(config.windows.hosts);
  baselines_.wait();  // it may be writing into the folder
  learning_.use(config, settings.model, now_ns());
  schedule_ = config.schedule;
  status_.settings.files = config.files;
  status_.model_enabled = config.detect.model.enabled;
  use_model();
  return {};
}

void SensorDaemon::tell_interface(const WatchedInterface& now) {
  if (now.state != WatchState::kAttached) {
    events_.warn(EventKind::kDetach, fmt::format("{}: {}: {}", now.name, watch_state_name(now.state), now.reason), now.name);
    return;
  }
  events_.info(EventKind::kAttach,
               fmt::format("{}: {} {}{}{}{}", now.name, now.hook(), now.mode, now.reason.empty() ? "" : ", because ",
                           now.reason, now.mirror ? ", mirror: what arrives is dropped once counted" : ""),
               now.name);
  if (!now.mirror_reason.empty()) spdlog::warn("{}: mirror is off, packets pass: {}", now.name, now.mirror_reason);
  tell_departures(now);
}

/// Tells what changed, too.
void SensorDaemon::take_interfaces() {
  const InterfaceWatch& watch = source_->watch();
  for (const WatchedInterface& now : watch.interfaces())
    if (const auto* before = find_interface(status_.interfaces, now.name); before == nullptr || !is_same(*before, now))
      tell_interface(now);
  for (const WatchedInterface& before : status_.interfaces)
    if (find_interface(watch.interfaces(), before.name) == nullptr)
      events_.info(EventKind::kDetach, before.name + ": no longer watched", before.name);
  status_.interfaces = watch.interfaces();
  status_.interface_states = watch.state_counts();
  status_.netlink_resyncs = watch.resyncs();
  status_.table_bytes = source_->table_bytes();
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
  status_.losses = pipeline_.keeper().losses();
  status_.hosts_tracked = ledger_.size();
  status_.incidents = pipeline_.incidents().begun();
  status_.repeats_suppressed = pipeline_.detector().suppressed_repeats();
}

void SensorDaemon::count_error(const Error& error) {
  ++status_.tick_errors;
  status_.last_error = error.what;
  if (is_time_to_tell(error_told_ns_))
    events_.error(EventKind::kError, fmt::format("tick: {} ({} so far)", error.what, status_.tick_errors));
}

void SensorDaemon::use_model() {
  pipeline_.use(learning_.model(), learning_.only_observes());
  status_.model_version = learning_.model()->provenance().version;
  status_.model_sha256 = model_hash(*learning_.model());
  status_.model_threshold = pipeline_.detector().threshold();
  status_.model_only_observes = learning_.only_observes();
  status_.learning = learning_.status();
}

void SensorDaemon::publish_alert(const Alert& alert) {
  history_.add(alert);
  alerts_are_new_ = true;
  if (alert.silenced) {
    ++status_.alerts_silenced[static_cast<std::size_t>(alert.silenced->cause)];
    return;
  }
  ++status_.alerts_by_kind[std::string(alert.kind)];
  for (const auto& sink : sinks_) {
    const auto written = sink->write(alert);
    WriteTrouble& trouble =
        sink_trouble_.try_emplace(sink.get(), events_, "alerts", "this sink goes without those that fail").first->second;
    if (written) {
      trouble.succeeded();
      continue;
    }
    ++status_.alert_write_errors;
    status_.last_error = written.error().what;
    trouble.failed(written.error());
  }
}

void SensorDaemon::publish_tick() {
  const std::string reason = status_.ticks == 0 ? "no tick yet" : missing_interfaces(status_);
  board_.put("/readyz", "application/json", render_readiness(reason), reason.empty() ? 200 : 503);
  board_.put("/metrics", "text/plain; version=0.0.4; charset=utf-8", render_metrics(status_));
  board_.put("/api/v1/status", "application/json", render_status(status_));
  board_.put("/api/v1/flows", "application/json", render_flows(snapshot_));
  board_.put("/api/v1/histograms", "application/json", render_histograms(histograms_));
  if (std::exchange(events_shown_, events_.history().added()) != events_.history().added())
    board_.put("/api/v1/events", "application/json", render_events(events_.history()));
  // Not with each alert: a scan of many hosts raises thousands in one tick.
  if (!std::exchange(alerts_are_new_, false)) return;
  board_.put("/api/v1/alerts", "application/json", render_alerts(history_));
}

void SensorDaemon::publish_windows() {
  board_.put("/api/v1/hosts", "application/json", render_hosts(ledger_));
  board_.put("/api/v1/incidents", "application/json", render_incidents(pipeline_.incidents(), status_.now_ns));
}

std::string SensorDaemon::summary() const { return render_summary(status_, ledger_, pipeline_.incidents()); }

}  // namespace weir
