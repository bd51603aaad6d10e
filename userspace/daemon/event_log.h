#pragma once

#include <string>

#include "publish/event.h"

namespace weir {

/// Tells what happens to the sensor: in the journal as records that can be asked for by kind, elsewhere as lines of the log;
/// and keeps the newest for the API. One thread.
class EventLog {
 public:
  void add(EventKind kind, EventLevel level, std::string text, std::string interface = {});
  void info(EventKind kind, std::string text, std::string interface = {});
  void warn(EventKind kind, std::string text, std::string interface = {});
  void error(EventKind kind, std::string text);
  /// The process ends with it: on a terminal it is the one line that complain() prints.
  void fatal(const Error& error);

  const EventHistory& history() const { return history_; }

 private:
  bool is_in_journal(const Event& event);

  EventHistory history_;
};

}  // namespace weir
