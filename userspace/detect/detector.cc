#include "detect/detector.h"

#include <algorithm>
#include <cstdio>

#include "detect/rules/brute_force.h"
#include "detect/rules/connection_flood.h"
#include "detect/rules/distributed_flood.h"
#include "detect/rules/dns_nxdomain.h"
#include "detect/rules/dns_tunnel.h"
#include "detect/rules/horizontal_scan.h"
#include "detect/rules/icmp_flood.h"
#include "detect/rules/odd_flags.h"
#include "detect/rules/reflection.h"
#include "detect/rules/syn_flood.h"
#include "detect/rules/traffic_spike.h"
#include "detect/rules/udp_flood.h"
#include "detect/rules/vertical_scan.h"
#include "detect/rules/web_attack.h"
#include "detect/rules/web_scan.h"

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
  return std::ranges::any_of(finding.implied_by,
                             [&](std::string_view kind) { return std::ranges::count(verdict.kinds, kind) > 0; });
}

}  // namespace

Detector::Detector(const DetectOptions& options, const Model* model)
    : model_enabled_(options.model.enabled),
      configured_threshold_(options.model.threshold),
      min_packets_(options.model.min_packets),
      repeats_(std::int64_t{options.repeat_after_s} * 1'000'000'000) {
  add_rule<VerticalScan>(options.vertical_scan);
  add_rule<HorizontalScan>(options.horizontal_scan);
  add_rule<SynFlood>(options.syn_flood);
  add_rule<UdpFlood>(options.udp_flood);
  add_rule<IcmpFlood>(options.icmp_flood);
  add_rule<ConnectionFlood>(options.connection_flood);
  add_rule<DistributedFlood>(options.distributed_flood);
  add_rule<Reflection>(options.reflection);
  add_rule<OddFlags>(options.odd_flags);
  add_rule<BruteForce>(options.brute_force);
  add_rule<WebAttackRule>(options.web_attack);
  add_rule<WebScan>(options.web_scan);
  add_rule<DnsNxdomain>(options.dns_nxdomain);
  add_rule<DnsTunnel>(options.dns_tunnel);
  add_rule<BeaconRule>(options.beacon);
  if (options.beacon.enabled) beacon_ = static_cast<BeaconRule*>(rules_.back().get());
  if (options.traffic_spike.enabled)
    spike_ = std::make_unique<TrafficSpike>(options.traffic_spike.threshold, options.history_hosts);
  use(model);
}

template <class Kind>
void Detector::add_rule(const RuleOptions& options) {
  if (options.enabled) rules_.push_back(std::make_unique<Kind>(options.threshold));
}

void Detector::use(const Model* model) {
  model_ = model_enabled_ ? model : nullptr;
  if (beacon_ != nullptr) beacon_->excuse(model == nullptr ? std::vector<std::string>() : model->known_beacons());
  threshold_ = model_ == nullptr ? 1 : configured_threshold_.value_or(model_->threshold());
}

std::vector<Alert> Detector::judge_tick(const std::vector<HostWindow>& open, std::int64_t time_ns) {
  std::vector<Alert> alerts;
  for (const auto& rule : rules_) {
    if (!rule->judges_ticks()) continue;
    for (const HostWindow& host : open)
      if (auto finding = rule->judge(host)) raise(host, std::move(*finding), time_ns, alerts);
  }
  return alerts;
}

Judgement Detector::judge(const ClosedWindow& window) {
  Judgement out;
  out.verdicts.resize(window.hosts.size());
  explained_.clear();
  judge_rules(window, out);
  judge_spikes(window, out);
  judge_model(window, out);
  return out;
}

void Detector::judge_rules(const ClosedWindow& window, Judgement& out) {
  for (std::size_t i = 0; i < window.hosts.size(); ++i)
    for (const auto& rule : rules_) {
      auto finding = rule->judge(window.hosts[i]);
      if (!finding || is_implied(*finding, out.verdicts[i])) continue;
      explained_.insert(window.hosts[i].host);
      if (finding->victim != IpAddress()) explained_.insert(finding->victim);
      note(window.hosts[i], std::move(*finding), window.decided_ns, out.verdicts[i], out.alerts);
    }
}

void Detector::judge_spikes(const ClosedWindow& window, Judgement& out) {
  if (!spike_) return;
  for (std::size_t i = 0; i < window.hosts.size(); ++i) {
    auto finding = spike_->judge(window.hosts[i]);  // always: it keeps each host's past
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
    if (host.role != Role::kSource || host.packets < min_packets_) continue;
    scored.push_back(i);
    features.push_back(host.features);
  }
  const std::vector<ModelScore> scores = model_->score(features);
  for (std::size_t k = 0; k < scored.size(); ++k) {
    const HostWindow& host = window.hosts[scored[k]];
    Verdict& verdict = out.verdicts[scored[k]];
    verdict.model_score = scores[k].score;
    verdict.surprise = scores[k].surprise;
    verdict.score = std::max(verdict.score, verdict.model_score);
    if (verdict.model_score <= threshold_ || !verdict.kinds.empty() || explained_.contains(host.host)) continue;
    verdict.kinds.push_back(kAnomaly);
    if (!repeats_.is_new(host.host, host.role, kAnomaly, window.decided_ns)) continue;
    Alert alert{window.decided_ns, host.host, host.role, kAnomaly,        verdict.model_score,
                Severity::kLow,    "",        {},        verdict.surprise};
    alert.why = explain(host.features);
    alert.text = "unusual traffic: " + describe(alert.why.front());
    out.alerts.push_back(std::move(alert));
  }
}

void Detector::note(const HostWindow& host, Finding finding, std::int64_t time_ns, Verdict& verdict,
                    std::vector<Alert>& alerts) {
  verdict.score = std::max(verdict.score, finding.score);
  verdict.kinds.push_back(finding.kind);
  raise(host, std::move(finding), time_ns, alerts);
}

void Detector::raise(const HostWindow& host, Finding finding, std::int64_t time_ns, std::vector<Alert>& alerts) {
  if (!repeats_.is_new(host.host, host.role, finding.kind, time_ns)) return;
  if (!finding.has_normal && model_ != nullptr)
    if (const NormalRange* normal = model_->normal(finding.reason.feature)) {
      finding.reason.p50 = normal->p50;
      finding.reason.p99 = normal->p99;
    }
  alerts.push_back({time_ns,
                    host.host,
                    host.role,
                    finding.kind,
                    finding.score,
                    finding.severity,
                    std::move(finding.text),
                    {std::move(finding.reason)}});
}

std::vector<Reason> Detector::explain(const FeatureVector& features) const {
  const FeatureVector parts = model_->contributions(features);
  std::vector<Reason> reasons;
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    const std::string name(kFeatures[i].name);
    const NormalRange* normal = model_->normal(name);
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
