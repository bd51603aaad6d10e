#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir {

/// What happens to the sensor itself.
enum class EventKind : std::uint8_t { kStart, kAttach, kDetach, kLearn, kSwitch, kReload, kStop, kError };
inline constexpr std::size_t kEventKinds = 8;
/// In the API and in the journal's field WEIR_EVENT.
std::string_view event_kind_name(EventKind kind);
/// MESSAGE_ID of the journal, 32 hexadecimal digits, the same for ever; packaging/deb/weir.catalog explains each.
const char* event_message_id(EventKind kind);

enum class EventLevel : std::uint8_t { kInfo, kWarning, kError };
constexpr std::string_view event_level_name(EventLevel level) {
  return level == EventLevel::kError ? "error" : level == EventLevel::kWarning ? "warning" : "info";
}

struct Event {
  std::int64_t time_ns = 0;  ///< unix time
  EventKind kind = EventKind::kStart;
  EventLevel level = EventLevel::kInfo;
  std::string text;       ///< one sentence
  std::string interface;  ///< that it is about; empty: none
};

/// The newest events.
class EventHistory {
 public:
  static constexpr std::size_t kMost = 200;
  void add(Event event);
  const std::deque<Event>& events() const { return events_; }
  std::uint64_t added() const { return added_; }

 private:
  std::deque<Event> events_;
  std::uint64_t added_ = 0;
};

/// As a record with its fields, sd_journal_send(3). Error.code is an errno.
[[nodiscard]] Result<void> write_to_journal(const Event& event);

}  // namespace weir
