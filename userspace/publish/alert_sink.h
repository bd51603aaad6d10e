#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "detect/alert.h"
#include "publish/publish_options.h"

namespace weir {

/// Where alerts go. A failed write is the caller's to count; the sink tries again with the next alert.
class AlertSink {
 public:
  virtual ~AlertSink() = default;
  [[nodiscard]] virtual Result<void> write(const Alert& alert) = 0;
};

/// One JSON object a line, flushed after each.
class JsonLinesSink : public AlertSink {
 public:
  /// Appends to `path`, or writes to standard output if it is empty.
  [[nodiscard]] static Result<std::unique_ptr<JsonLinesSink>> open(const std::string& path);
  [[nodiscard]] Result<void> write(const Alert& alert) override;

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;  // null: standard output
};

/// As the options have it: lines, and the journal where there is one.
[[nodiscard]] Result<std::vector<std::unique_ptr<AlertSink>>> open_sinks(const AlertOptions& options);

/// Structured journal entries: MESSAGE, PRIORITY, MESSAGE_ID, WEIR_HOST, WEIR_ROLE, WEIR_KIND, WEIR_SCORE,
/// WEIR_INCIDENT, WEIR_ALERT (JSON).
class JournalSink : public AlertSink {
 public:
  /// Whether journald listens on this machine.
  static bool is_available();
  [[nodiscard]] Result<void> write(const Alert& alert) override;
};

}  // namespace weir
