#include "daemon/event_log.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "daemon/log.h"
#include "daemon/whole_seconds.h"

namespace weir {
namespace {

spdlog::level::level_enum log_level(EventLevel level) {
  return level == EventLevel::kError     ? spdlog::level::err
         : level == EventLevel::kWarning ? spdlog::level::warn
                                         : spdlog::level::info;
}

}  // namespace

void EventLog::add(EventKind kind, EventLevel level, std::string text, std::string interface) {
  Event event{now_ns(), kind, level, std::move(text), std::move(interface)};
  if (!is_in_journal(event)) spdlog::log(log_level(level), event.text);
  history_.add(std::move(event));
}

void EventLog::info(EventKind kind, std::string text, std::string interface) {
  add(kind, EventLevel::kInfo, std::move(text), std::move(interface));
}

void EventLog::warn(EventKind kind, std::string text, std::string interface) {
  add(kind, EventLevel::kWarning, std::move(text), std::move(interface));
}

void EventLog::error(EventKind kind, std::string text) { add(kind, EventLevel::kError, std::move(text)); }

void EventLog::fatal(const Error& error) {
  Event event{now_ns(), EventKind::kError, EventLevel::kError, error.what, {}};
  if (!is_in_journal(event)) complain(error);
  history_.add(std::move(event));
}

/// Where the log goes there too; a line beside the record would say the same twice.
bool EventLog::is_in_journal(const Event& event) { return logs_to_journal() && write_to_journal(event).has_value(); }

}  // namespace weir
