#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <thread>

#include "daemon/commands.h"
#include "daemon/exit_code.h"
#include "daemon/log.h"
#include "daemon/settings.h"
#include "daemon/table_training.h"
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

[[nodiscard]] Result<void> train_on_capture(const TrainArguments& arguments, const Config& config, unsigned threads) {
  if (!arguments.columns.empty() || arguments.contamination)
    return fail(EINVAL, "--columns, --contamination: for tables, and " + arguments.from_file + " does not end in .csv");
  auto capture = Capture::open(arguments.from_file);
  if (!capture) return tl::make_unexpected(capture.error());
  ReplaySource source(std::move(*capture), config.sensor);
  const LearnOptions options{
      {arguments.trees, arguments.samples, arguments.seed, arguments.alarms_per_day, arguments.version, threads, false},
      config.detect};
  const auto model = learn(source, config.windows, options);
  if (!model) return tl::make_unexpected(model.error());
  if (auto saved = save_model(*model, arguments.output); !saved) return saved;
  std::fprintf(stderr, "%s: %u trees from %llu windows, alarms above surprise %.2f for %g a day\n", arguments.output.c_str(),
               model->provenance().trees, static_cast<unsigned long long>(model->provenance().rows), model->own_threshold(),
               arguments.alarms_per_day);
  return {};
}

}  // namespace

int train_command(const TrainArguments& arguments) {
  const auto config = load_settings(arguments.config);
  if (!config) return complain(config.error()), kBadConfig;
  const unsigned threads = arguments.threads != 0 ? arguments.threads : std::max(1U, std::thread::hardware_concurrency());
  const auto trained =
      is_table(arguments.from_file) ? train_on_table(arguments, threads) : train_on_capture(arguments, *config, threads);
  if (!trained) return complain(trained.error()), kFailed;
  return kOk;
}

}  // namespace weir
