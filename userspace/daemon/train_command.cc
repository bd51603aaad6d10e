#include <cstdio>

#include "daemon/commands.h"
#include "daemon/exit_code.h"
#include "daemon/log.h"
#include "daemon/settings.h"
#include "detect/learn.h"
#include "model_file.h"
#include "sensor/capture.h"
#include "sensor/replay_source.h"

namespace weir {

int train_command(const TrainArguments& arguments) {
  const auto config = load_settings(arguments.config);
  if (!config) return complain(config.error()), kBadConfig;
  auto capture = Capture::open(arguments.from_file);
  if (!capture) return complain(capture.error()), kFailed;

  ReplaySource source(std::move(*capture), config->sensor);
  const LearnOptions options{
      {arguments.trees, arguments.samples, arguments.seed, arguments.alarms_per_day, arguments.version}, config->detect};
  const auto model = learn(source, config->windows, options);
  if (!model) return complain(model.error()), kFailed;
  if (auto saved = save_model(*model, arguments.output); !saved) return complain(saved.error()), kFailed;
  std::fprintf(stderr, "%s: %u trees from %llu windows, threshold %.3f for %g false alarms a day\n",
               arguments.output.c_str(), model->provenance().trees,
               static_cast<unsigned long long>(model->provenance().rows), model->threshold(), arguments.alarms_per_day);
  return kOk;
}

}  // namespace weir
