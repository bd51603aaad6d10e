#include "detect/detector.h"

#include <algorithm>
#include <cstdio>

namespace weir {
namespace {

constexpr std::ptrdiff_t kReasons = 5;  // features named in an alert of the model, at most

std::string describe(const Reason& r) {
  const auto rounded = [](double x) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", x);
    return std::string(text);
  };
  return r.feature + " " + rounded(r.value) + " (usual " + rounded(r.p50) + ", seldom over " + rounded(r.p99) + ")";
}

bool is_implied(const Finding& finding, const Verdict& verdict) {
  return std::ranges::any_of(finding.implied_by, [&](std::string_view kind) {
    return std::ranges::count(verdict.kinds, kind) > 0 || std::ranges::count(verdict.silenced, kind) > 0;
  });
}

}  // namespace

Detector::Detector(DetectOptions options, std::shared_ptr<const Model> model)
    : options_(std::move(options)),
      repeats_(std::int64_t{options_.repeat_after_s} * 1'000'000'000),
      silenced_repeats_(std::int64_t{options_.repeat_after_s} * 1'000'000'000) {
  make_sets();
  use(std::move(model));
}

void Detector::make_sets() {
  silences_.clear();
  for (const auto* list : {&options_.allow, &options_.mutes, &options_.maintenance})
    silences_.insert(silences_.end(), list->begin(), list->end());
  sets_.clear();
  for (const HostGroup& group : options_.groups) sets_.emplace_back(options_of(options_, group));
  sets_.emplace_back(options_);
}

void Detector::use(DetectOptions options) {
  const Baselines past = baselines();
  BeaconRule::Told told;
  for (const RuleSet& set : sets_)
    if (set.beacon != nullptr) told.insert(set.beacon->told().begin(), set.beacon->told().end());
  options_ = std::move(options);
  make_sets();
  take(past);
  for (const RuleSet& set : sets_)
    if (set.beacon != nullptr) set.beacon->remember(told);
  for (Repeats* repeats : {&repeats_, &silenced_repeats_})
    repeats->use(std::int64_t{options_.repeat_after_s} * 1'000'000'000);
  use(model_, only_observes_);
}

void Detector::use(std::shared_ptr<const Model> model, bool only_observes) {
  for (const RuleSet& set : sets_)
    if (set.beacon != nullptr) set.beacon->excuse(model == nullptr ? std::vector<std::string>() : model->known_beacons());
  const bool is_used = std::ranges::any_of(sets_, &RuleSet::model_enabled);
  model_ = is_used ? std::move(model) : nullptr;
  only_observes_ = only_observes;
  threshold_ = threshold_of(sets_.back());
}

Baselines Detector::baselines() const {
  Baselines all;
  for (const RuleSet& set : sets_) {
    for (const auto& rule : set.rules) rule->save(all, judged_ns_);
    if (set.spike) set.spike->save(all, judged_ns_);
  }
  return all;
}

void Detector::restore(const Baselines& baselines, std::int64_t now_ns) {
  judged_ns_ = now_ns - now_ns % kWindow_ns - kWindow_ns;  // as if the window under way came next
  take(baselines);
}

void Detector::take(const Baselines& baselines) {
  for (RuleSet& set : sets_) {
    const IsOwn is_own = [&](const IpAddress& host) { return &set_of(host) == &set; };
    for (const auto& rule : set.rules) rule->restore(baselines, judged_ns_, is_own);
    if (set.spike) set.spike->restore(baselines, judged_ns_, is_own);
  }
}

double Detector::threshold_of(const RuleSet& set) const {
  return model_ == nullptr || !set.model_enabled || only_observes_ ? 1 : set.model_threshold.value_or(model_->threshold());
}

const HostGroup* Detector::group_of(const IpAddress& host) const {
  const auto has_host = [&](const HostGroup& group) {
    return std::ranges::any_of(group.hosts, [&](const IpPrefix& prefix) { return prefix.contains(host); });
  };
  const auto at = std::ranges::find_if(options_.groups, has_host);
  return at == options_.groups.end() ? nullptr : &*at;
}

RuleSet& Detector::set_of(const IpAddress& host) {
  const HostGroup* group = group_of(host);
  return group == nullptr ? sets_.back() : sets_[static_cast<std::size_t>(group - options_.groups.data())];
}

std::vector<const Silence*> Detector::silences_of(const IpAddress& host) const {
  std::vector<const Silence*> own;
  for (const Silence& silence : silences_)
    if (silence.covers(host, Role::kSource, {}) || silence.covers(host, Role::kDestination, {})) own.push_back(&silence);
  return own;
}

std::optional<Silenced> Detector::silence_of(const Alert& alert) const {
  const auto at = std::ranges::find_if(silences_, [&](const Silence& silence) {
    return silence.covers(alert.kind) && silence.covers(alert.host, alert.role, alert.other) &&
           silence.schedule.holds(alert.time_ns);
  });
  if (at == silences_.end()) return std::nullopt;
  return Silenced{at->cause, at->name};
}

/// Repeats of silenced alarms are counted apart, so that what still goes on when a silence ends is told then.
bool Detector::is_new(const Alert& alert) {
  return (alert.silenced ? silenced_repeats_ : repeats_).is_new(alert.host, alert.role, alert.kind, alert.time_ns);
}

std::vector<Alert> Detector::judge_tick(const std::vector<HostWindow>& open, std::int64_t time_ns) {
  std::vector<Alert> alerts;
  for (const HostWindow& host : open)
    for (const auto& rule : set_of(host.host).rules)
      if (rule->judges_ticks())
        if (auto finding = rule->judge(host)) {
          Alert alert = alert_of(host, std::move(*finding), time_ns);
          if (is_new(alert)) alerts.push_back(std::move(alert));
        }
  return alerts;
}

Judgement Detector::judge(const ClosedWindow& window) {
  Judgement out;
  out.verdicts.resize(window.hosts.size());
  explained_.clear();
  judged_ns_ = window.start_ns;
  judge_rules(window, out);
  judge_spikes(window, out);
  judge_model(window, out);
  return out;
}

void Detector::judge_rules(const ClosedWindow& window, Judgement& out) {
  for (std::size_t i = 0; i < window.hosts.size(); ++i)
    for (const auto& rule : set_of(window.hosts[i].host).rules) {
      auto finding = rule->judge(window.hosts[i]);
      if (!finding || is_implied(*finding, out.verdicts[i])) continue;
      explained_.insert(window.hosts[i].host);
      if (finding->victim != IpAddress()) explained_.insert(finding->victim);
      note(window.hosts[i], std::move(*finding), window.decided_ns, out.verdicts[i], out.alerts);
    }
}

void Detector::judge_spikes(const ClosedWindow& window, Judgement& out) {
  for (std::size_t i = 0; i < window.hosts.size(); ++i) {
    const auto& spike = set_of(window.hosts[i].host).spike;
    auto finding = spike ? spike->judge(window.hosts[i]) : std::nullopt;  // always: it keeps each host's past
    if (finding && !explained_.contains(window.hosts[i].host))
      note(window.hosts[i], std::move(*finding), window.decided_ns, out.verdicts[i], out.alerts);
  }
}

void Detector::judge_model(const ClosedWindow& window, Judgement& out) {
  if (model_ == nullptr) return;
  std::vector<std::size_t> scored;
  std::vector<FeatureVector> features;
  for (std::size_t i = 0; i < window.hosts.size(); ++i) {
    const HostWindow& host = window.hosts[i];
    if (host.role != Role::kSource || host.packets < options_.model.min_packets || !set_of(host.host).model_enabled)
      continue;
    scored.push_back(i);
    features.push_back(host.features);
  }
  const std::vector<ModelScore> scores = model_->score(features);
  for (std::size_t k = 0; k < scored.size(); ++k)
    judge_host(window.hosts[scored[k]], scores[k], window.decided_ns, out.verdicts[scored[k]], out.alerts);
}

void Detector::judge_host(const HostWindow& host, const ModelScore& score, std::int64_t time_ns, Verdict& verdict,
                          std::vector<Alert>& alerts) {
  verdict.model_score = score.score;
  verdict.surprise = score.surprise;
  verdict.score = std::max(verdict.score, score.score);
  if (score.score <= threshold_of(set_of(host.host)) || !verdict.is_ordinary() || explained_.contains(host.host)) return;
  Alert alert{time_ns, host.host, host.role, kAnomaly, score.score, Severity::kLow, "", {}, score.surprise};
  alert.silenced = silence_of(alert);
  (alert.silenced ? verdict.silenced : verdict.kinds).push_back(kAnomaly);
  if (!is_new(alert)) return;
  alert.why = explain(*model_, host.features);
  alert.text = "unusual traffic: " + describe(alert.why.front());
  alerts.push_back(std::move(alert));
}

void Detector::note(const HostWindow& host, Finding finding, std::int64_t time_ns, Verdict& verdict,
                    std::vector<Alert>& alerts) {
  verdict.score = std::max(verdict.score, finding.score);
  Alert alert = alert_of(host, std::move(finding), time_ns);
  (alert.silenced ? verdict.silenced : verdict.kinds).push_back(alert.kind);
  verdict.texts.push_back(alert.text);
  if (is_new(alert)) alerts.push_back(std::move(alert));
}

Alert Detector::alert_of(const HostWindow& host, Finding finding, std::int64_t time_ns) const {
  if (!finding.has_normal && model_ != nullptr)
    if (const NormalRange* normal = model_->normal(finding.reason.feature)) {
      finding.reason.p50 = normal->p50;
      finding.reason.p99 = normal->p99;
    }
  Alert alert{time_ns,
              host.host,
              host.role,
              finding.kind,
              finding.score,
              finding.severity,
              std::move(finding.text),
              {std::move(finding.reason)}};
  alert.other = finding.victim;
  alert.silenced = silence_of(alert);
  return alert;
}

std::vector<Reason> explain(const Model& model, const FeatureVector& features) {
  const FeatureVector parts = model.contributions(features);
  std::vector<Reason> reasons;
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    const std::string name(kFeatures[i].name);
    const NormalRange* normal = model.normal(name);
    reasons.push_back(
        {name, features[i], normal != nullptr ? normal->p50 : 0, normal != nullptr ? normal->p99 : 0, parts[i]});
  }
  std::ranges::stable_sort(reasons, [](const Reason& a, const Reason& b) { return a.contribution > b.contribution; });
  const auto end = std::find_if(reasons.begin() + 1, reasons.begin() + kReasons,
                                [](const Reason& reason) { return reason.contribution <= 0; });
  reasons.erase(end, reasons.end());
  return reasons;
}

}  // namespace weir
