#include "config/policy_value.h"

#include <algorithm>
#include <array>
#include <utility>

#include "config/config_keys.h"
#include "detect/rule_set.h"

namespace weir::value {
namespace {

constexpr std::size_t kMostHosts = 1024, kMostKinds = 64;
constexpr std::array<std::string_view, 7> kDays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

bool is_name(const std::string& text) { return !text.empty() && text.size() <= 100; }
bool is_kind(const std::string& text) { return std::ranges::count(alert_kinds(), text) > 0; }
bool is_rule(const std::string& text) { return text == kModelName || find_rule(text) != nullptr; }

std::string joined(const std::vector<std::string_view>& names) {
  std::string all;
  for (const std::string_view name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  return all;
}

std::vector<std::string_view> rule_names() {
  std::vector<std::string_view> names = {kModelName};
  for (const RuleKind& kind : rule_kinds()) names.push_back(kind.name);
  return names;
}

const Text kName{"a name of 1 to 100 characters", is_name};
const Parsed<HostMatch> kMatch{"a network or host, with source:, destination: or either: before it"};
const Parsed<IpPrefix> kNetwork{"a network or host such as 10.0.3.0/24 or fd00::5"};
const Parsed<Moment> kMoment{"a time such as 2026-12-24T18:00:00Z or 2026-12-24T18:00:00+01:00"};
const Parsed<TimeOfDay> kDaily{"a stretch of the day in local time such as 22:00-04:30"};

/// Weekdays, kept as bits.
struct Days {
  std::string allowed() const { return "a list, each one of " + joined({kDays.begin(), kDays.end()}); }
};

[[nodiscard]] Result<void> read_value(const std::string& path, const YAML::Node& node, const Days& type, std::uint8_t& out) {
  std::vector<std::string> names;
  const Text day{type.allowed(), [](const std::string& text) { return std::ranges::count(kDays, text) > 0; }};
  if (auto ok = value::read_value(path, node, ListOf<Text>{day, kDays.size()}, names); !ok) return ok;
  out = 0;
  for (std::size_t i = 0; i < kDays.size(); ++i)
    if (std::ranges::count(names, kDays[i]) > 0) out = static_cast<std::uint8_t>(out | 1U << i);
  return {};
}

std::string write_value(const Days&, std::uint8_t days) {
  std::string text;
  for (std::size_t i = 0; i < kDays.size(); ++i)
    if ((days >> i & 1) != 0) text += (text.empty() ? "" : ", ") + std::string(kDays[i]);
  return "[" + text + "]";
}

std::string complaint_about_schedule(const Schedule& s) {
  if (s.days == 0) return "days: names none";
  if (s.days != Schedule{}.days && !s.daily) return "days: of what? daily is missing";
  return s.is_empty() ? "ends before it begins" : "";
}

std::string complaint_about(const Silence& silence) {
  const Schedule& s = silence.schedule;
  if (silence.hosts.empty()) return "hosts: names none";
  if (std::string wrong = complaint_about_schedule(s); !wrong.empty()) return wrong;
  if (silence.cause == SilenceCause::kMaintenance && !s.daily && !s.until) return "has no end: daily or until is missing";
  return "";
}

struct Thresholds {
  std::string allowed() const { return "a map of numbers for " + joined(rule_names()); }
};

const ConfigKey& threshold_key(const std::string& rule) {
  const std::string path = rule == kModelName ? "model.threshold" : "rules." + rule + ".threshold";
  return *std::ranges::find(config_keys(), path, &ConfigKey::path);
}

double threshold_of(const Config& config, const std::string& rule) {
  return rule == kModelName ? config.detect.model.threshold.value_or(0)
                            : (config.detect.*find_rule(rule)->options).threshold;
}

[[nodiscard]] Result<void> read_value(const std::string& path, const YAML::Node& node, const Thresholds& type,
                                      std::map<std::string, double>& out) {
  if (!node.IsMap()) return fail_at(node.Mark(), path + ": found " + describe(node) + "; allowed: " + type.allowed());
  for (const auto& entry : node) {
    const std::string rule = entry.first.IsScalar() ? entry.first.Scalar() : "";
    if (!is_rule(rule))
      return fail_at(entry.first.Mark(), path + ": found " + quoted(rule) + "; allowed: " + type.allowed());
    Config scratch;
    if (auto ok = threshold_key(rule).read(entry.second, scratch); !ok) return ok;
    if (!out.emplace(rule, threshold_of(scratch, rule)).second)
      return fail_at(entry.first.Mark(), path + ": key " + quoted(rule) + " again");
  }
  return {};
}

std::string write_value(const Thresholds&, const std::map<std::string, double>& thresholds) {
  std::string text;
  for (const auto& [rule, threshold] : thresholds)
    text += (text.empty() ? "" : ", ") + rule + ": " + Real{0, 0}.write(threshold);
  return "{" + text + "}";
}

}  // namespace

// The member of a T that a part sets, from a T & and from a const T & alike.
#define WEIR_FIELD(member) ([](auto& value) -> auto& { return value.member; })

MapOf<Silence> silence(SilenceCause cause) {
  const Text kind{"one of " + joined(alert_kinds()), is_kind};
  MapOf<Silence> type;
  type.initial.cause = cause;
  type.complaint = complaint_about;
  type.parts = {part<Silence>("name", kName, WEIR_FIELD(name), true),
                part<Silence>("hosts", ListOf<Parsed<HostMatch>>{kMatch, kMostHosts}, WEIR_FIELD(hosts), true),
                part<Silence>("kinds", ListOf<Text>{kind, kMostKinds}, WEIR_FIELD(kinds))};
  if (cause == SilenceCause::kMaintenance)
    type.parts.insert(type.parts.end(), {part<Silence>("from", kMoment, WEIR_FIELD(schedule.from)),
                                         part<Silence>("daily", kDaily, WEIR_FIELD(schedule.daily)),
                                         part<Silence>("days", Days{}, WEIR_FIELD(schedule.days))});
  if (cause != SilenceCause::kAllowed)
    type.parts.push_back(part<Silence>("until", kMoment, WEIR_FIELD(schedule.until), cause == SilenceCause::kMuted));
  return type;
}

MapOf<Schedule> schedule() {
  MapOf<Schedule> type;
  type.complaint = complaint_about_schedule;
  type.parts = {part<Schedule>("from", kMoment, WEIR_FIELD(from)), part<Schedule>("until", kMoment, WEIR_FIELD(until)),
                part<Schedule>("daily", kDaily, WEIR_FIELD(daily)), part<Schedule>("days", Days{}, WEIR_FIELD(days))};
  return type;
}

MapOf<HostGroup> host_group() {
  const Text rule{"one of " + joined(rule_names()), is_rule};
  MapOf<HostGroup> type;
  type.complaint = [](const HostGroup& group) { return group.hosts.empty() ? "hosts: names none" : ""; };
  type.parts = {part<HostGroup>("name", kName, WEIR_FIELD(name), true),
                part<HostGroup>("hosts", ListOf<Parsed<IpPrefix>>{kNetwork, kMostHosts}, WEIR_FIELD(hosts), true),
                part<HostGroup>("thresholds", Thresholds{}, WEIR_FIELD(thresholds)),
                part<HostGroup>("off", ListOf<Text>{rule, kMostKinds}, WEIR_FIELD(off))};
  return type;
}

#undef WEIR_FIELD

}  // namespace weir::value
