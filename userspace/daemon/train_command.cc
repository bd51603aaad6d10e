#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <string_view>
#include <thread>
#include <utility>

#include "daemon/commands.h"
#include "daemon/exit_code.h"
#include "daemon/log.h"
#include "daemon/progress.h"
#include "daemon/settings.h"
#include "daemon/table_training.h"
#include "daemon/timed_source.h"
#include "daemon/training_report.h"
#include "daemon/whole_seconds.h"
#include "detect/learn.h"
#include "model_file.h"
#include "sensor/capture.h"
#include "sensor/replay_source.h"

namespace weir {
namespace {

bool is_table(const std::string& path) {
  constexpr std::string_view kEnd = ".csv";
  return path == "-" || (path.size() > kEnd.size() && std::equal(kEnd.rbegin(), kEnd.rend(), path.rbegin(),
                                                                 [](char a, char b) { return a == std::tolower(b); }));
}

TrainOptions train_options(const TrainArguments& a, const Config& config) {
  const unsigned threads = a.threads != 0 ? a.threads : std::max(1U, std::thread::hardware_concurrency());
  const double alarms = a.alarms_per_day.value_or(config.detect.budget_per_day);
  return {a.trees, a.samples, a.seed, alarms, a.version, threads, false, a.contamination};
}

[[nodiscard]] Result<void> check_for_packets(const TrainArguments& arguments) {
  if (arguments.columns.empty()) return {};
  const std::string what = arguments.duration_s ? "live traffic is none" : arguments.from_file + " does not end in .csv";
  return fail(EINVAL, "--columns: for tables, and " + what);
}

[[nodiscard]] Result<Lessons> collect_with_progress(FlowSource& source, const Config& config,
                                                    const std::function<double()>& share) {
  Progress progress;
  return collect(source, config.windows, config.detect,
                 [&](const Lessons& lessons) { progress.show(share(), fmt::format("{} windows", lessons.counts.lessons)); });
}

/// Trains, writes and reports. `hours`: that the lessons come from.
[[nodiscard]] Result<void> train_on(const Lessons& lessons, double hours, const TrainArguments& arguments,
                                    const TrainOptions& options) {
  const auto trained = train_in_detail(lessons.training_set(hours), options);
  if (!trained) return tl::make_unexpected(trained.error());
  if (auto saved = save_model(trained->model, arguments.output); !saved) return saved;
  std::fputs(render_training_report(lessons, *trained, hours, options.alarms_per_day).c_str(), stderr);
  fmt::print(stderr, "{}: {} trees from {} windows\n", arguments.output, trained->model.provenance().trees,
             trained->model.provenance().rows);
  return {};
}

[[nodiscard]] Result<void> train_on_capture(const TrainArguments& arguments, const Config& config,
                                            const TrainOptions& options) {
  auto capture = Capture::open(arguments.from_file);
  if (!capture) return tl::make_unexpected(capture.error());
  const Capture& file = **capture;  // the source's from now on
  ReplaySource source(std::move(*capture), config.sensor);
  const auto lessons = collect_with_progress(source, config, [&] { return file.share_read(); });
  if (!lessons) return tl::make_unexpected(lessons.error());
  return train_on(*lessons, lessons->span_hours(), arguments, options);
}

/// An exit code.
int train_live(const TrainArguments& arguments, Config config, const TrainOptions& options) {
  block_signals();
  if (auto chosen = choose_interfaces(arguments.interfaces, config); !chosen) return complain(chosen.error()), kUnavailable;
  auto live = LiveSource::start(config.sensor);
  if (!live) return complain(live.error()), start_exit_code(live.error());
  TimedSource source(std::move(*live), *arguments.duration_s);
  const auto lessons = collect_with_progress(source, config, [&] { return source.share_done(); });
  if (!lessons) return complain(lessons.error()), kFailed;
  if (source.is_cut_short())
    fmt::print(stderr, "stopped after {:.0f} of {} seconds\n", source.share_done() * *arguments.duration_s,
               *arguments.duration_s);
  const auto trained = train_on(*lessons, lessons->hours(), arguments, options);
  return trained ? kOk : (complain(trained.error()), kFailed);
}

}  // namespace

int train_command(const TrainArguments& arguments) {
  const auto config = load_settings(arguments.config);
  if (!config) return complain(config.error()), kBadConfig;
  const TrainOptions options = train_options(arguments, *config);
  const bool is_of_packets = arguments.duration_s || !is_table(arguments.from_file);
  if (is_of_packets)
    if (auto ok = check_for_packets(arguments); !ok) return complain(ok.error()), kFailed;
  if (arguments.duration_s) return train_live(arguments, *config, options);
  const auto trained = is_of_packets ? train_on_capture(arguments, *config, options) : train_on_table(arguments, options);
  return trained ? kOk : (complain(trained.error()), kFailed);
}

}  // namespace weir
