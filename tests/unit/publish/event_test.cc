#include "publish/event.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "publish/api.h"

namespace weir {
namespace {

std::string catalog() {
  std::ifstream file(WEIR_CATALOG);
  return (std::ostringstream() << file.rdbuf()).str();
}

TEST(Event, EachKindHasANameAMessageIdAndAnEntryInTheCatalog) {
  std::set<std::string_view> names, ids;
  const std::string text = catalog();
  for (std::size_t i = 0; i < kEventKinds; ++i) {
    const auto kind = static_cast<EventKind>(i);
    const std::string id = event_message_id(kind);
    EXPECT_EQ(id.size(), 32u) << id;
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
    EXPECT_NE(text.find("\n-- " + id + "\nSubject: "), std::string::npos) << event_kind_name(kind);
    names.insert(event_kind_name(kind));
    ids.insert(event_message_id(kind));
  }
  EXPECT_EQ(names.size(), kEventKinds);
  EXPECT_EQ(ids.size(), kEventKinds);
}

TEST(EventHistory, KeepsTheNewestAndShowsThemOldestFirst) {
  EventHistory history;
  for (std::size_t i = 0; i < EventHistory::kMost + 3; ++i)
    history.add({static_cast<std::int64_t>(i) * 1'000'000'000, EventKind::kAttach, EventLevel::kWarning, "text", "eth0"});
  const auto events = nlohmann::json::parse(render_events(history)).at("events");
  ASSERT_EQ(events.size(), EventHistory::kMost);
  EXPECT_EQ(history.added(), EventHistory::kMost + 3);
  EXPECT_EQ(events.front().at("time"), 3);
  EXPECT_EQ(events.back(), (nlohmann::json{{"time", EventHistory::kMost + 2},
                                           {"kind", "attach"},
                                           {"level", "warning"},
                                           {"text", "text"},
                                           {"interface", "eth0"}}));
}

}  // namespace
}  // namespace weir
