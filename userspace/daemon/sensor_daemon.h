#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "config/config.h"
#include "daemon/baseline_keeper.h"
#include "daemon/board.h"
#include "daemon/descriptor_store.h"
#include "daemon/event_log.h"
#include "daemon/learning.h"
#include "daemon/pipeline.h"
#include "daemon/settings.h"
#include "daemon/write_trouble.h"
#include "publish/api.h"
#include "publish/recent_windows.h"
#include "publish/status.h"
#include "sensor/live_source.h"

namespace weir {

enum class Ending {
  kStopped,      ///< by a signal, or because the time was up
  kOffSchedule,  ///< it does not hold any more
};

/// `weir run`: live traffic through the pipeline, once a second, until a signal or the time is up.
class SensorDaemon {
 public:
  using LoadSettings = std::function<Result<Settings>()>;

  /// Attaches, opens the sinks and the port, or does none of it. `load`: the settings anew, for a reload. The log
  /// outlives it.
  [[nodiscard]] static Result<std::unique_ptr<SensorDaemon>> start(const Settings& settings, LoadSettings load,
                                                                   EventLog& events);

  /// Returns after SIGTERM or SIGINT, or `duration_s` seconds, or with the schedule's stretch. What was counted until then
  /// is judged and published. SIGHUP: goes on by the settings as they are then, or as before where they cannot be had;
  /// counts and what was learned stay.
  Ending run(std::optional<unsigned> duration_s);
  /// What was seen, for a person.
  std::string summary() const;

 private:
  using Sinks = std::vector<std::unique_ptr<AlertSink>>;
  /// How HTTP goes on: a server of its own, or other access to the one that there is; neither: no more.
  struct NextHttp {
    std::unique_ptr<HttpServer> server;
    std::shared_ptr<const HttpServer::Access> access;
  };

  SensorDaemon(const Settings& settings, LoadSettings load, EventLog& events);
  [[nodiscard]] Result<NextHttp> open_http(const HttpOptions& options);
  void use_http(NextHttp next, const HttpOptions& options);
  void tell_start();
  void tell_stop();
  void tell_interface(const WatchedInterface& now);
  Ending watch(std::optional<unsigned> duration_s);
  void tick(double late_s, bool reloads = false);
  void tell_service_manager() const;
  void reload();
  [[nodiscard]] Result<void> use(const Settings& settings);
  [[nodiscard]] Result<void> load_and_use();
  void count(const Snapshot& tick, double busy_s, double late_s);
  void count_error(const Error& error);
  void take_interfaces();
  void use_model();
  void publish_alert(const Alert& alert);
  void publish_tick();
  void publish_windows();
  std::shared_ptr<const Page> find_page(std::string_view path) const;

  LoadSettings load_;
  EventLog& events_;
  HttpOptions http_options_;  // in force
  Schedule schedule_;
  mutable std::mutex policy_mutex_;  // while the detector's options are exchanged, and while the HTTP thread reads them
  Board board_;                      // outlives the server, which reads it
  RecentWindows windows_;            // likewise
  DescriptorStore store_;
  std::unique_ptr<LiveSource> source_;
  Pipeline pipeline_;  // likewise
  Learning learning_;
  BaselineKeeper baselines_;
  Sinks sinks_;
  std::map<const AlertSink*, WriteTrouble> sink_trouble_;
  std::unique_ptr<HttpServer> http_;

  Snapshot snapshot_;
  Status status_;
  Histograms histograms_;
  AlertHistory history_;
  bool alerts_are_new_ = true;  ///< since they were last put on the board
  HostLedger ledger_;
  std::int64_t error_told_ns_ = 0;
  std::uint64_t events_shown_ = 0;
};

}  // namespace weir
