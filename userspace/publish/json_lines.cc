#include "publish/json_lines.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace weir {

using nlohmann::ordered_json;

double unix_seconds(std::int64_t time_ns) {
  // Whole microseconds: a double holds no more of today's unix time, and its shortest text is then what was meant.
  return std::round(static_cast<double>(time_ns) / 1e3) / 1e6;
}

namespace {

/// -log10 of the share of ordinary windows that are as strange, by detector.
void add_surprise(const std::optional<Surprise>& surprise, ordered_json& json) {
  if (surprise) json["surprise"] = {{"forest", surprise->forest}, {"tail", surprise->tail}, {"pca", surprise->pca}};
}

}  // namespace

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
                    {"features", std::move(features)}};
  add_surprise(verdict.surprise, json);
  return json.dump();
}

ordered_json alert_json(const Alert& a) {
  ordered_json why = ordered_json::array();
  for (const Reason& r : a.why)
    why.push_back(
        {{"feature", r.feature}, {"value", r.value}, {"p50", r.p50}, {"p99", r.p99}, {"contribution", r.contribution}});
  ordered_json json{{"type", "alert"},
                    {"time", unix_seconds(a.time_ns)},
                    {"host", a.host.to_string()},
                    {"role", role_name(a.role)},
                    {"kind", a.kind},
                    {"score", a.score},
                    {"severity", severity_name(a.severity)},
                    {"text", a.text},
                    {"why", std::move(why)}};
  add_surprise(a.surprise, json);
  return json;
}

std::string alert_line(const Alert& alert) { return alert_json(alert).dump(); }

}  // namespace weir
