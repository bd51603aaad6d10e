#include "publish/host_detail.h"

#include <nlohmann/json.hpp>

#include "publish/json_lines.h"

namespace weir {
namespace {

using nlohmann::ordered_json;

ordered_json thresholds_json(const DetectOptions& own, const DetectOptions& general) {
  ordered_json out = ordered_json::array();
  for (const RuleKind& kind : rule_kinds()) {
    const RuleOptions &rule = own.*kind.options, &usual = general.*kind.options;
    out.push_back({{"rule", kind.name},
                   {"enabled", rule.enabled},
                   {"threshold", rule.threshold},
                   {"own", rule.enabled != usual.enabled || rule.threshold != usual.threshold}});
  }
  return out;
}

ordered_json silence_json(const Silence& silence, std::int64_t now_ns) {
  ordered_json hosts = ordered_json::array();
  for (const HostMatch& match : silence.hosts) hosts.push_back(match.to_string());
  ordered_json out{{"by", silence_cause_name(silence.cause)},
                   {"name", silence.name},
                   {"hosts", std::move(hosts)},
                   {"kinds", silence.kinds},
                   {"holds_now", silence.schedule.holds(now_ns)}};
  if (silence.schedule.from) out["from"] = silence.schedule.from->to_string();
  if (silence.schedule.until) out["until"] = silence.schedule.until->to_string();
  if (silence.schedule.daily) out["daily"] = silence.schedule.daily->to_string();
  return out;
}

ordered_json window_json(const KeptWindow& w) {
  ordered_json why = ordered_json::array();
  if (w.model)
    for (const Reason& reason : explain(*w.model, w.features)) why.push_back(reason_json(reason));
  ordered_json out{{"start", unix_seconds(w.start_ns)},
                   {"role", role_name(w.role)},
                   {"packets", w.packets},
                   {"bytes", w.bytes},
                   {"score", w.verdict.score},
                   {"model_score", w.verdict.model_score},
                   {"kinds", w.verdict.kinds},
                   {"silenced", w.verdict.silenced},
                   {"rules_say", w.verdict.texts},
                   {"why", std::move(why)}};
  add_surprise(w.verdict.surprise, out);
  return out;
}

}  // namespace

std::string render_host(const IpAddress& host, const Detector& detector, const RecentWindows& windows, std::int64_t now_ns) {
  const HostGroup* group = detector.group_of(host);
  const DetectOptions own = detector.options_for(group);
  ordered_json silences = ordered_json::array(), last = ordered_json::array();
  for (const Silence* silence : detector.silences_of(host)) silences.push_back(silence_json(*silence, now_ns));
  const auto kept = windows.of(host);
  for (const KeptWindow& window : kept) last.push_back(window_json(window));
  ordered_json model{{"enabled", own.model.enabled}};
  if (!kept.empty() && kept.back().model) model["threshold"] = own.model.threshold.value_or(kept.back().model->threshold());
  return ordered_json{
      {"host", host.to_string()},        {"group", group == nullptr ? ordered_json() : ordered_json(group->name)},
      {"model", std::move(model)},       {"rules", thresholds_json(own, detector.options_for(nullptr))},
      {"silences", std::move(silences)}, {"windows", std::move(last)}}
      .dump();
}

}  // namespace weir
