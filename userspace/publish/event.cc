#include "publish/event.h"

#include <syslog.h>
#include <systemd/sd-journal.h>

#include <array>
#include <cstring>
#include <utility>

namespace weir {
namespace {

struct KindAbout {
  std::string_view name;
  const char* message_id;
};

constexpr std::array<KindAbout, kEventKinds> kAbout = {{
    {"start", "e38eb69b77434d178000d6a88ee0afba"},
    {"attach", "9ab4840acec04946b597f214d4a4f80c"},
    {"detach", "8de703a715bf4b99a79e2e765d50c96c"},
    {"learn", "f112766bbcf5499e837bafc3483f57e1"},
    {"switch", "21bac8e3c2d5418080b525f8bd2cc528"},
    {"reload", "cee5554b096745b5965962ff8544c498"},
    {"stop", "6962d3a7c69340e8ba61c4af2ae7cb73"},
    {"error", "a0f8a52922a54b5db34c322568d6ccb2"},
}};

int priority_of(EventLevel level) {
  switch (level) {
    case EventLevel::kError:
      return LOG_ERR;
    case EventLevel::kWarning:
      return LOG_WARNING;
    case EventLevel::kInfo:
      return LOG_INFO;
  }
  return LOG_INFO;
}

}  // namespace

std::string_view event_kind_name(EventKind kind) { return kAbout[static_cast<std::size_t>(kind)].name; }

const char* event_message_id(EventKind kind) { return kAbout[static_cast<std::size_t>(kind)].message_id; }

void EventHistory::add(Event event) {
  ++added_;
  events_.push_back(std::move(event));
  if (events_.size() > kMost) events_.pop_front();
}

Result<void> write_to_journal(const Event& event) {
  const int sent =
      sd_journal_send("MESSAGE=%s", event.text.c_str(), "PRIORITY=%i", priority_of(event.level), "MESSAGE_ID=%s",
                      event_message_id(event.kind), "WEIR_EVENT=%s", std::string(event_kind_name(event.kind)).c_str(),
                      "WEIR_INTERFACE=%s", event.interface.c_str(), nullptr);
  if (sent < 0) return fail(-sent, std::string("journal: ") + std::strerror(-sent));
  return {};
}

}  // namespace weir
