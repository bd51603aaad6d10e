#pragma once

#include <string>

#include "base/result.h"
#include "daemon/event_log.h"

namespace weir {

/// Tells of writing that fails: once, with the remedy, however often it fails, and once when it works again. A full disk
/// would fill the log as well.
class WriteTrouble {
 public:
  /// `who` stands before each message; `meanwhile` says what becomes of what could not be written. The log outlives this.
  WriteTrouble(EventLog& events, std::string who, std::string meanwhile)
      : events_(events), who_(std::move(who)), meanwhile_(std::move(meanwhile)) {}

  void failed(const Error& error);
  void succeeded();

 private:
  EventLog& events_;
  std::string who_, meanwhile_;
  unsigned times_ = 0;  // in a row
};

}  // namespace weir
