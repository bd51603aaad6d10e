#include "publish/json_lines.h"

#include <charconv>
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

namespace {

/// As the JSON library writes it. Most are whole, of these most 0.
void append(std::string& out, double x) {
  char text[32];
  const bool is_plain = x == 0 || (std::abs(x) >= 1e-4 && std::abs(x) < 1e15);
  const auto format = is_plain ? std::chars_format::fixed : std::chars_format::scientific;
  const std::string_view number(text, std::to_chars(text, text + sizeof text, x, format).ptr);
  out += number;
  if (is_plain && number.find('.') == number.npos) out += ".0";
}

void append_member(std::string& out, std::string_view name, double x) {
  out += '"';
  out += name;
  out += "\":";
  if (std::isfinite(x)) return append(out, x);
  out += "null";
}

void append_kinds(std::string& out, const std::vector<std::string_view>& kinds) {
  out += '[';
  for (const std::string_view kind : kinds) {
    if (out.back() != '[') out += ',';
    out += '"';
    out += kind;
    out += '"';
  }
  out += ']';
}

void append_features(std::string& out, const FeatureVector& features) {
  out += '{';
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    if (i > 0) out += ',';
    append_member(out, kFeatures[i].name, features[i]);
  }
  out += '}';
}

}  // namespace

/// By hand, unlike all else here: a tree of JSON nodes for each window took a third of a replay. No text in it needs
/// escapes.
std::string window_line(const HostWindow& w, const Verdict& verdict) {
  std::string out = R"({"type":"window",)";
  out.reserve(1024);
  append_member(out, "start", unix_seconds(w.start_ns));
  append_member(out += ',', "end", unix_seconds(w.end_ns));
  out += R"(,"host":")" + w.host.to_string() + R"(","role":")";
  out += role_name(w.role);
  out += R"(","packets":)" + std::to_string(w.packets) + ',';
  append_member(out, "score", verdict.score);
  out += verdict.kinds.empty() ? R"(,"alert":false,"kinds":)" : R"(,"alert":true,"kinds":)";
  append_kinds(out, verdict.kinds);
  append_kinds(out += R"(,"silenced":)", verdict.silenced);
  out += R"(,"features":)";
  w.role == Role::kSource ? append_features(out, w.features) : void(out += "{}");
  if (verdict.surprise) {
    append_member(out += R"(,"surprise":{)", "forest", verdict.surprise->forest);
    append_member(out += ',', "tail", verdict.surprise->tail);
    append_member(out += ',', "pca", verdict.surprise->pca);
    out += '}';
  }
  return out += '}';
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

ordered_json event_json(const Event& e) {
  ordered_json json{{"time", unix_seconds(e.time_ns)},
                    {"kind", event_kind_name(e.kind)},
                    {"level", event_level_name(e.level)},
                    {"text", e.text}};
  if (!e.interface.empty()) json["interface"] = e.interface;
  return json;
}

std::string alert_line(const Alert& alert) { return alert_json(alert).dump(); }

}  // namespace weir
