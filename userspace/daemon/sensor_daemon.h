#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "config/config.h"
#include "daemon/baseline_keeper.h"
#include "daemon/board.h"
#include "daemon/descriptor_store.h"
#include "daemon/learning.h"
#include "daemon/pipeline.h"
#include "publish/api.h"
#include "publish/recent_windows.h"
#include "publish/status.h"
#include "sensor/live_source.h"

namespace weir {

/// `weir run`: live traffic through the pipeline, once a second, until a signal or the time is up.
class SensorDaemon {
 public:
  /// Attaches, opens the sinks and the port, or does none of it. `model`: of the configuration, or the compiled-in one.
  [[nodiscard]] static Result<std::unique_ptr<SensorDaemon>> start(const Config& config, std::shared_ptr<const Model> model);

  /// Returns after SIGTERM, SIGINT or SIGHUP, or `duration_s` seconds. What was counted until then is judged and published.
  void run(std::optional<unsigned> duration_s);
  /// What was seen, for a person.
  std::string summary() const;

 private:
  SensorDaemon(const Config& config, std::shared_ptr<const Model> model);
  [[nodiscard]] Result<void> open_sinks(const AlertOptions& options);
  [[nodiscard]] Result<void> open_http(const HttpOptions& options);
  void tell_start(const HttpOptions& http) const;
  void tick(double late_s);
  void count(const Snapshot& tick, double busy_s, double late_s);
  void count_error(const Error& error);
  void take_interfaces();
  void use_model();
  void publish_alert(const Alert& alert);
  void publish_tick();
  void publish_windows();
  std::shared_ptr<const Page> find_page(std::string_view path) const;

  Board board_;            // outlives the server, which reads it
  RecentWindows windows_;  // likewise
  DescriptorStore store_;
  std::unique_ptr<LiveSource> source_;
  Pipeline pipeline_;  // likewise
  Learning learning_;
  BaselineKeeper baselines_;
  std::vector<std::unique_ptr<AlertSink>> sinks_;
  std::unique_ptr<HttpServer> http_;

  Snapshot snapshot_;
  Status status_;
  Histograms histograms_;
  AlertHistory history_;
  bool alerts_are_new_ = true;  ///< since they were last put on the board
  HostLedger ledger_;
  std::int64_t error_told_ns_ = 0;
};

}  // namespace weir
