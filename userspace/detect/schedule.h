#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// A stretch of each day, in the machine's time zone: "22:00-04:30" runs over midnight.
struct TimeOfDay {
  int from_minute = 0, to_minute = 0;  ///< of the day; equal: the whole day

  [[nodiscard]] static std::optional<TimeOfDay> parse(std::string_view text);
  std::string to_string() const;
};

/// A moment: "2026-12-24T18:00:00Z", "2026-12-24T18:00:00+01:00" (RFC 3339, without fractions).
struct Moment {
  std::int64_t unix_s = 0;

  [[nodiscard]] static std::optional<Moment> parse(const std::string& text);
  /// The same, and what a person types: "2026-12-24", "2026-12-24 18:00", in the machine's time zone.
  [[nodiscard]] static std::optional<Moment> parse_loosely(const std::string& text);
  std::string to_string() const;  ///< in UTC
};

/// When something holds: between two moments and, where it recurs, only then. Without either: always.
struct Schedule {
  std::optional<Moment> from, until;  ///< [from, until)
  std::optional<TimeOfDay> daily;
  std::uint8_t days = 0x7f;  ///< on which `daily` begins: bit 0 is Sunday

  bool holds(std::int64_t time_ns) const;
  /// It will never hold again.
  bool is_over(std::int64_t time_ns) const { return until && time_ns / 1'000'000'000 >= until->unix_s; }
  bool is_empty() const { return from && until && until->unix_s <= from->unix_s; }
  /// "from 2026-12-24T18:00:00Z, 22:00-04:30"; empty: always.
  std::string to_string() const;
};

}  // namespace weir
