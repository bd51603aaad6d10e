#include "detect/silence.h"

#include <gtest/gtest.h>
#include <time.h>

#include <cstdlib>

#include "support/flow_records.h"

namespace weir {
namespace {

using namespace test;

bool matches(const char* text, const char* host, Role role, const char* other = nullptr) {
  const auto match = HostMatch::parse(text);
  EXPECT_TRUE(match) << text;
  return match && match->matches(ip(host), role, other == nullptr ? IpAddress() : ip(other));
}

TEST(HostMatch, TheSideIsThatOfTheTraffic) {
  EXPECT_TRUE(matches("source:10.0.0.0/8", "10.1.2.3", Role::kSource));
  EXPECT_FALSE(matches("source:10.0.0.0/8", "10.1.2.3", Role::kDestination));
  EXPECT_TRUE(matches("destination:10.0.0.0/8", "10.1.2.3", Role::kDestination));
  EXPECT_FALSE(matches("destination:10.0.0.0/8", "10.1.2.3", Role::kSource));
  EXPECT_TRUE(matches("destination:fd00::5", "192.0.2.1", Role::kSource, "fd00::5")) << "whom a source did it to";
  EXPECT_TRUE(matches("source:192.0.2.1", "fd00::5", Role::kDestination, "192.0.2.1"));
  EXPECT_TRUE(matches("10.0.0.9", "10.0.0.9", Role::kSource));
  EXPECT_TRUE(matches("either:10.0.0.9", "10.0.0.9", Role::kDestination));
  EXPECT_FALSE(matches("10.0.0.9", "10.0.0.8", Role::kDestination));
}

TEST(HostMatch, AnUnknownFarSideIsInNoNetwork) {
  EXPECT_FALSE(matches("destination:::/0", "10.0.0.1", Role::kSource));
  EXPECT_TRUE(matches("source:0.0.0.0/0", "10.0.0.1", Role::kSource));
}

TEST(HostMatch, ReadsWhatItWrites) {
  for (const char* text : {"source:10.0.0.0/8", "destination:fd00::5/128", "either:192.0.2.1/32"})
    EXPECT_EQ(HostMatch::parse(text)->to_string(), text);
  for (const char* text : {"", "source:", "sources:10.0.0.1", "source:either:10.0.0.1", "10.0.0.0/33", "source: 10.0.0.1"})
    EXPECT_FALSE(HostMatch::parse(text)) << text;
}

TEST(Moment, IsRfc3339) {
  EXPECT_EQ(Moment::parse("1970-01-01T00:00:00Z")->unix_s, 0);
  EXPECT_EQ(Moment::parse("2026-12-24T18:00:00Z")->unix_s, 1798135200);  // date -d 2026-12-24T18:00:00Z +%s
  EXPECT_EQ(Moment::parse("2026-12-24T19:30:00+01:30")->unix_s, 1798135200);
  EXPECT_EQ(Moment::parse("2026-12-24T10:00:00-08:00")->to_string(), "2026-12-24T18:00:00Z");
  for (const char* text : {"", "2026-12-24", "2026-12-24T18:00:00", "2026-12-24T18:00:00+1:00", "2026-02-30T00:00:00Z",
                           "2026-12-24T18:00:00Zulu", "2026-12-24T18:00:60Z", "2026-12-24 18:00:00Z", "2026-1-2T03:04:05Z"})
    EXPECT_FALSE(Moment::parse(text)) << text;
}

TEST(TimeOfDay, ReadsWhatItWrites) {
  for (const char* text : {"00:00-24:00", "22:00-04:30", "09:05-09:06"})
    EXPECT_EQ(TimeOfDay::parse(text)->to_string(), text);
  for (const char* text : {"", "9:00-10:00", "09:00", "25:00-26:00", "09:60-10:00", "24:00-01:00", "09:00-10:00 "})
    EXPECT_FALSE(TimeOfDay::parse(text)) << text;
}

class ScheduleTest : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
  }
  void TearDown() override {
    unsetenv("TZ");
    tzset();
  }
  static std::int64_t at(const char* local) {
    tm time{};
    strptime(local, "%Y-%m-%d %H:%M", &time);
    time.tm_isdst = -1;
    return std::int64_t{mktime(&time)} * kSecond;
  }
};

TEST_F(ScheduleTest, BetweenTwoMoments) {
  const Schedule s{Moment{100}, Moment{200}, {}};
  EXPECT_FALSE(s.holds(100 * kSecond - 1));
  EXPECT_TRUE(s.holds(100 * kSecond));
  EXPECT_FALSE(s.holds(200 * kSecond));
  EXPECT_TRUE(Schedule{}.holds(0));
}

TEST_F(ScheduleTest, EachDayInLocalTime) {
  const Schedule s{{}, {}, TimeOfDay::parse("02:00-04:30")};
  EXPECT_FALSE(s.holds(at("2026-07-01 01:59")));
  EXPECT_TRUE(s.holds(at("2026-07-01 02:00")));
  EXPECT_TRUE(s.holds(at("2026-12-01 04:29"))) << "in winter as well";
  EXPECT_FALSE(s.holds(at("2026-12-01 04:30")));
}

TEST_F(ScheduleTest, AStretchOverMidnightBelongsToTheDayOnWhichItBegan) {
  constexpr std::uint8_t kSaturday = 1 << 6;
  const Schedule s{{}, {}, TimeOfDay::parse("22:00-04:00"), kSaturday};
  EXPECT_TRUE(s.holds(at("2026-11-28 23:00"))) << "a Saturday";
  EXPECT_TRUE(s.holds(at("2026-11-29 03:59")));
  EXPECT_FALSE(s.holds(at("2026-11-29 23:00")));
  EXPECT_FALSE(s.holds(at("2026-11-28 03:00"))) << "of Friday's night";
}

TEST_F(ScheduleTest, AMomentIsReadAsAPersonTypesIt) {
  EXPECT_EQ(Moment::parse_loosely("2026-12-24")->to_string(), "2026-12-23T23:00:00Z");
  EXPECT_EQ(Moment::parse_loosely("2026-07-01 18:00")->to_string(), "2026-07-01T16:00:00Z");
  EXPECT_EQ(Moment::parse_loosely("2026-12-24T18:00:30")->to_string(), "2026-12-24T17:00:30Z");
  EXPECT_EQ(Moment::parse_loosely("2026-12-24T18:00:00Z")->to_string(), "2026-12-24T18:00:00Z");
  for (const char* wrong : {"", "tomorrow", "2026-12", "2026-06-31", "2026-12-24 25:00", "2026-12-24 18:00 or so"})
    EXPECT_FALSE(Moment::parse_loosely(wrong)) << wrong;
}

TEST_F(ScheduleTest, KnowsItsEnd) {
  Schedule s{Moment{100}, Moment{200}, {}};
  EXPECT_FALSE(s.is_empty());
  EXPECT_FALSE(s.is_over(199 * kSecond));
  EXPECT_TRUE(s.is_over(200 * kSecond));
  EXPECT_EQ(s.to_string(), "from 1970-01-01T00:01:40Z, until 1970-01-01T00:03:20Z");
  s.until = s.from;
  EXPECT_TRUE(s.is_empty());
  EXPECT_FALSE(Schedule{}.is_over(INT64_MAX));
}

TEST(Silence, CoversKindsAndHosts) {
  Silence s;
  s.hosts = {*HostMatch::parse("source:10.0.0.5")};
  EXPECT_TRUE(s.covers("syn_flood"));
  s.kinds = {"vertical_scan"};
  EXPECT_FALSE(s.covers("syn_flood"));
  EXPECT_TRUE(s.covers("vertical_scan"));
  EXPECT_TRUE(s.covers(ip("10.0.0.5"), Role::kSource, {}));
  EXPECT_FALSE(s.covers(ip("10.0.0.6"), Role::kSource, {}));
}

}  // namespace
}  // namespace weir
