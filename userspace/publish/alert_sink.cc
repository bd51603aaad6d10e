#include "publish/alert_sink.h"

#include <sys/stat.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

#include <cerrno>
#include <cstring>

#include "publish/json_lines.h"

namespace weir {
namespace {

/// Of all alerts, so that `journalctl MESSAGE_ID=...` finds them; drawn once, never to change.
constexpr const char* kAlertMessageId = "6f3d0c5be1f44b0f9a7c1f2d8e5a4b13";

int priority_of(Severity severity) {
  switch (severity) {
    case Severity::kHigh:
      return LOG_ALERT;
    case Severity::kMedium:
      return LOG_WARNING;
    case Severity::kLow:
      return LOG_NOTICE;
  }
  return LOG_NOTICE;
}

}  // namespace

Result<std::unique_ptr<JsonLinesSink>> JsonLinesSink::open(const std::string& path) {
  auto sink = std::make_unique<JsonLinesSink>();
  sink->path_ = path.empty() ? "standard output" : path;
  if (path.empty()) return sink;
  sink->file_.reset(std::fopen(path.c_str(), "ae"));
  if (!sink->file_)
    return fail(errno, path + ": " + std::strerror(errno) + "; set alerts.file to a place that can be written");
  return sink;
}

Result<void> JsonLinesSink::write(const Alert& alert) {
  std::FILE* to = file_ ? file_.get() : stdout;
  const std::string line = alert_line(alert) + "\n";
  if (std::fwrite(line.data(), 1, line.size(), to) != line.size() || std::fflush(to) != 0) {
    std::clearerr(to);
    return fail(errno, path_ + ": " + std::strerror(errno));
  }
  return {};
}

Result<std::vector<std::unique_ptr<AlertSink>>> open_sinks(const AlertOptions& options) {
  std::vector<std::unique_ptr<AlertSink>> sinks;
  auto lines = JsonLinesSink::open(options.file);
  if (!lines) return tl::make_unexpected(lines.error());
  sinks.push_back(std::move(*lines));
  if (options.journal && JournalSink::is_available()) sinks.push_back(std::make_unique<JournalSink>());
  return sinks;
}

bool JournalSink::is_available() {
  struct stat socket {};
  return stat("/run/systemd/journal/socket", &socket) == 0 && S_ISSOCK(socket.st_mode);
}

Result<void> JournalSink::write(const Alert& a) {
  const int sent = sd_journal_send(
      "MESSAGE=%s %s (%s): %s", std::string(a.kind).c_str(), a.host.to_string().c_str(),
      std::string(role_name(a.role)).c_str(), a.text.c_str(), "PRIORITY=%i", priority_of(a.severity), "MESSAGE_ID=%s",
      kAlertMessageId, "WEIR_HOST=%s", a.host.to_string().c_str(), "WEIR_ROLE=%s", std::string(role_name(a.role)).c_str(),
      "WEIR_KIND=%s", std::string(a.kind).c_str(), "WEIR_SCORE=%.4f", a.score, "WEIR_INCIDENT=%llu",
      static_cast<unsigned long long>(a.incident), "WEIR_ALERT=%s", alert_line(a).c_str(), nullptr);
  if (sent < 0) return fail(-sent, std::string("journal: ") + std::strerror(-sent));
  return {};
}

}  // namespace weir
