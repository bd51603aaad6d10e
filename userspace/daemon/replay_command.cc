#include <cerrno>
#include <cstdio>

#include "daemon/commands.h"
#include "daemon/exit_code.h"
#include "daemon/log.h"
#include "daemon/pipeline.h"
#include "daemon/settings.h"
#include "publish/json_lines.h"
#include "publish/summary.h"
#include "sensor/capture.h"
#include "sensor/replay_source.h"

namespace weir {
namespace {

void print_line(const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
}

/// Runs the source to its end; what came before an error has been judged and printed then.
[[nodiscard]] Result<void> replay(FlowSource& source, Pipeline& pipeline, Status& status) {
  Snapshot tick;
  for (;;) {
    const auto more = source.read_tick(tick);
    if (!more || !*more) {
      pipeline.finish();
      if (!more) return tl::make_unexpected(more.error());
      return {};
    }
    pipeline.add(tick);
    status.totals += tick.totals;
    if (!tick.totals.is_conserved()) ++status.law_errors;
  }
}

}  // namespace

int replay_command(const ReplayArguments& arguments) {
  const auto config = load_settings(arguments.config);
  if (!config) return complain(config.error()), kBadConfig;
  auto model = load_or_default_model(arguments.model.empty() ? config->detect.model.file : arguments.model);
  if (!model) return complain(model.error()), kBadConfig;
  auto capture = Capture::open(arguments.capture);
  if (!capture) return complain(capture.error()), kFailed;

  ReplaySource source(std::move(*capture), config->sensor);
  Pipeline pipeline(config->windows, config->detect, std::make_shared<const Model>(std::move(*model)));
  Status status;
  HostLedger ledger(config->windows.hosts);
  pipeline.on_window([&](const ClosedWindow& window, const Judgement& judgement) {
    ledger.add(window, judgement.verdicts);
    for (std::size_t i = 0; arguments.windows && i < window.hosts.size(); ++i)
      print_line(window_line(window.hosts[i], judgement.verdicts[i]));
  });
  pipeline.on_alert([&](const Alert& alert) {
    if (alert.silenced) {
      ++status.alerts_silenced[static_cast<std::size_t>(alert.silenced->cause)];
      return;
    }
    ++status.alerts_by_kind[std::string(alert.kind)];
    print_line(alert_line(alert));
  });
  const auto done = replay(source, pipeline, status);
  std::fputs(render_summary(status, ledger, pipeline.incidents()).c_str(), stderr);
  if (!done) return complain(done.error()), kFailed;
  if (status.law_errors != 0) return complain({0, "packets were lost in accounting: this is a defect of weir"}), kFailed;
  if (std::fflush(stdout) != 0) return complain({errno, "standard output cannot be written"}), kFailed;
  return kOk;
}

}  // namespace weir
