#include "detect/schedule.h"

#include <time.h>

#include <array>
#include <cstdio>

namespace weir {
namespace {

constexpr int kDay = 24 * 60;  // minutes
constexpr std::int64_t kSecond_ns = 1'000'000'000;

/// "HH:MM" in minutes; 24:00 is the day's end.
std::optional<int> parse_minute(std::string_view text) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : 100; };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const int hour = 10 * digit(0) + digit(1), minute = 10 * digit(3) + digit(4);
  if (minute > 59 || hour > 24 || (hour == 24 && minute != 0)) return std::nullopt;
  return hour * 60 + minute;
}

bool is_in_day(const TimeOfDay& daily, std::uint8_t days, const tm& local) {
  const auto is_day = [days](int weekday) { return (days >> ((weekday + 7) % 7) & 1) != 0; };
  const int minute = local.tm_hour * 60 + local.tm_min;
  const int end = daily.to_minute <= daily.from_minute ? daily.to_minute + kDay : daily.to_minute;
  const auto is_inside = [&](int m) { return m >= daily.from_minute && m < end; };
  return (is_day(local.tm_wday) && is_inside(minute)) || (is_day(local.tm_wday - 1) && is_inside(minute + kDay));
}

}  // namespace

std::optional<TimeOfDay> TimeOfDay::parse(std::string_view text) {
  if (text.size() != 11 || text[5] != '-') return std::nullopt;
  const auto from = parse_minute(text.substr(0, 5)), to = parse_minute(text.substr(6));
  if (!from || !to || *from == kDay) return std::nullopt;
  return TimeOfDay{*from, *to};
}

std::string TimeOfDay::to_string() const {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%02d:%02d-%02d:%02d", from_minute / 60, from_minute % 60, to_minute / 60,
                to_minute % 60);
  return text.data();
}

std::optional<Moment> Moment::parse(const std::string& text) {
  tm time{};
  const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &time);
  if (rest == nullptr || text.size() < 20) return std::nullopt;
  const tm as_read = time;
  const std::int64_t utc = timegm(&time);
  if (time.tm_mday != as_read.tm_mday || time.tm_sec != as_read.tm_sec) return std::nullopt;  // 31 June, second 60
  const std::string_view zone(rest);
  if (zone == "Z") return Moment{utc};
  const auto offset = zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') ? parse_minute(zone.substr(1)) : std::nullopt;
  if (!offset) return std::nullopt;
  return Moment{utc - (zone[0] == '-' ? -60 : 60) * std::int64_t{*offset}};
}

std::optional<Moment> Moment::parse_loosely(const std::string& text) {
  if (const auto moment = parse(text)) return moment;
  for (const char* format : {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"}) {
    tm local{};
    local.tm_isdst = -1;  // as it is on that day
    const char* rest = strptime(text.c_str(), format, &local);
    if (rest == nullptr || *rest != '\0') continue;
    const int day = local.tm_mday;
    const time_t unix_s = mktime(&local);
    if (unix_s != -1 && local.tm_mday == day) return Moment{unix_s};
  }
  return std::nullopt;
}

std::string Moment::to_string() const {
  const time_t seconds = unix_s;
  tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 64> text{};
  strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text.data();
}

std::string Schedule::to_string() const {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (from) add("from " + from->to_string());
  if (until) add("until " + until->to_string());
  if (daily) add("daily " + daily->to_string() + (days == 0x7f ? "" : " on some days"));
  return text;
}

bool Schedule::holds(std::int64_t time_ns) const {
  const time_t seconds = time_ns / kSecond_ns;
  if ((from && seconds < from->unix_s) || (until && seconds >= until->unix_s)) return false;
  if (!daily) return true;
  tm local{};
  localtime_r(&seconds, &local);
  return is_in_day(*daily, days, local);
}

}  // namespace weir
