#include "daemon/write_trouble.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

namespace weir {
namespace {

TEST(WriteTrouble, IsToldOnceWithTheRemedyAndOnceWhenItIsOver) {
  EventLog events;
  WriteTrouble trouble(events, "lessons", "they stay in memory");
  trouble.succeeded();
  for (int i = 0; i < 3; ++i) trouble.failed({ENOSPC, "/var/lessons: write: No space left on device"});
  trouble.succeeded();
  trouble.succeeded();
  trouble.failed({0, "again"});
  std::string told;
  for (const Event& event : events.history().events())
    told += std::string(event_level_name(event.level)) + ": " + event.text + "\n";
  EXPECT_EQ(told,
            "warning: lessons: /var/lessons: write: No space left on device; they stay in memory; make room there\n"
            "info: lessons: can be written again, after it failed 3 times\n"
            "warning: lessons: again; they stay in memory\n");
}

}  // namespace
}  // namespace weir
