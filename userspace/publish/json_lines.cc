#include "publish/json_lines.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace weir {

using nlohmann::ordered_json;

double unix_seconds(std::int64_t time_ns) {
  // Whole microseconds: a double holds no more of today's unix time, and its shortest text is then what was meant.
  return std::round(static_cast<double>(time_ns) / 1e3) / 1e6;
}

void add_surprise(const std::optional<Surprise>& surprise, ordered_json& json) {
  if (surprise) json["surprise"] = {{"forest", surprise->forest}, {"tail", surprise->tail}, {"pca", surprise->pca}};
}

ordered_json reason_json(const Reason& r) {
  return {{"feature", r.feature}, {"value", r.value}, {"p50", r.p50}, {"p99", r.p99}, {"contribution", r.contribution}};
}

std::string window_line(const HostWindow& w, const Verdict& verdict) {
  ordered_json features = ordered_json::object();
  if (w.role == Role::kSource)
    for (std::size_t i = 0; i < kFeatureCount; ++i) features[std::string(kFeatures[i].name)] = w.features[i];
  ordered_json json{{"type", "window"},
                    {"start", unix_seconds(w.start_ns)},
                    {"end", unix_seconds(w.end_ns)},
                    {"host", w.host.to_string()},
                    {"role", role_name(w.role)},
                    {"packets", w.packets},
                    {"score", verdict.score},
                    {"alert", !verdict.kinds.empty()},
                    {"kinds", verdict.kinds},
                    {"silenced", verdict.silenced},
                    {"features", std::move(features)}};
  add_surprise(verdict.surprise, json);
  return json.dump();
}

ordered_json alert_json(const Alert& a) {
  ordered_json why = ordered_json::array();
  for (const Reason& reason : a.why) why.push_back(reason_json(reason));
  ordered_json json{{"type", "alert"},
                    {"time", unix_seconds(a.time_ns)},
                    {"host", a.host.to_string()},
                    {"role", role_name(a.role)},
                    {"kind", a.kind},
                    {"score", a.score},
                    {"severity", severity_name(a.severity)},
                    {"text", a.text},
                    {"why", std::move(why)}};
  if (a.other != IpAddress()) json["other"] = a.other.to_string();
  if (a.incident != 0) json["incident"] = a.incident;
  if (a.silenced) json["silenced"] = {{"by", silence_cause_name(a.silenced->cause)}, {"name", a.silenced->name}};
  add_surprise(a.surprise, json);
  return json;
}

ordered_json incident_json(const Incident& i, bool is_open) {
  const auto counts = [](const auto& by, const char* what, auto text_of) {
    ordered_json out = ordered_json::array();
    for (const auto& [key, alerts] : by) out.push_back({{what, text_of(key)}, {"alerts", alerts}});
    return out;
  };
  const auto address = [](const IpAddress& host) { return host.to_string(); };
  ordered_json timeline = ordered_json::array();
  for (const Incident::Event& e : i.timeline)
    timeline.push_back({{"time", unix_seconds(e.time_ns)},
                        {"host", e.host.to_string()},
                        {"role", role_name(e.role)},
                        {"kind", e.kind},
                        {"text", e.text}});
  return {{"id", i.id},
          {"state", is_open ? "open" : "quiet"},
          {"first", unix_seconds(i.first_ns)},
          {"last", unix_seconds(i.last_ns)},
          {"severity", severity_name(i.severity)},
          {"score", i.score},
          {"alerts", i.alerts},
          {"over_budget", i.over_budget},
          {"unnamed", i.unnamed},
          {"kinds", counts(i.alerts_by_kind, "kind", [](std::string_view kind) { return kind; })},
          {"hosts", counts(i.alerts_by_host, "host", address)},
          {"others", counts(i.others, "host", address)},
          {"timeline", std::move(timeline)}};
}

std::string alert_line(const Alert& alert) { return alert_json(alert).dump(); }

}  // namespace weir
