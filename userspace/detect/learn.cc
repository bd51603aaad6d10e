#include "detect/learn.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "detect/detector.h"
#include "features/window_keeper.h"

namespace weir {
namespace {

/// A window in which a device calls home is as ordinary as its others.
DetectOptions rules_of(DetectOptions options) {
  options.beacon.enabled = false;
  return options;
}

/// Collects windows, row by row.
class Lessons {
 public:
  explicit Lessons(const LearnOptions& options)
      : min_packets_(options.detect.model.min_packets),
        beacon_gaps_(options.detect.beacon.threshold),
        rules_(rules_of(options.detect), nullptr) {}

  void add(const ClosedWindow& window) {
    const Judgement judgement = rules_.judge(window);
    for (std::size_t i = 0; i < window.hosts.size(); ++i) {
      const HostWindow& host = window.hosts[i];
      note_beacons(host);
      if (host.packets >= min_packets_ && judgement.verdicts[i].is_ordinary()) add(host);
    }
    first_ns_ = windows_++ == 0 ? window.start_ns : std::min(first_ns_, window.start_ns);
    last_ns_ = std::max(last_ns_, window.end_ns);
  }

  TrainingSet finish() {
    set_.set_windows(rows_);
    for (auto& [name, values] : evidence_) set_.add_normal(name, std::move(values));
    set_.known_beacons.assign(beacons_.begin(), beacons_.end());
    set_.hours = static_cast<double>(last_ns_ - first_ns_) / 3.6e12;
    return std::move(set_);
  }

 private:
  void note_beacons(const HostWindow& host) {
    if (host.role != Role::kSource || !host.signs) return;
    for (const Beacon& beacon : host.signs->beacons)
      if (beacon.gaps >= beacon_gaps_ && beacons_.size() < kMostBeacons)
        beacons_.insert(BeaconRule::pair_text(host.host, beacon));
  }

  void add(const HostWindow& host) {
    evidence_[kHalfOpenSyn].push_back(static_cast<double>(host.evidence.half_open_to_service));
    evidence_[kIcmpPackets].push_back(static_cast<double>(host.evidence.icmp_packets));
    if (host.role != Role::kSource) return;
    evidence_[kPortsProbed].push_back(host.evidence.ports_probed);
    rows_.push_back(host.features);
    set_.host.push_back(numbers_.try_emplace(host.host, static_cast<std::uint32_t>(numbers_.size())).first->second);
    set_.time_ns.push_back(host.start_ns);
  }

  static constexpr std::size_t kMostBeacons = 2000;  // 86 bytes each at most: a model file's header holds 256 KiB

  std::uint32_t min_packets_;
  double beacon_gaps_;
  std::set<std::string> beacons_;
  Detector rules_;
  std::vector<FeatureVector> rows_;
  std::map<std::string_view, std::vector<double>> evidence_;
  std::map<IpAddress, std::uint32_t> numbers_;
  TrainingSet set_;
  std::uint64_t windows_ = 0;
  std::int64_t first_ns_ = 0, last_ns_ = 0;
};

}  // namespace

Result<Model> learn(FlowSource& source, const WindowOptions& windows, const LearnOptions& options) {
  Lessons lessons(options);
  WindowKeeper keeper(windows);
  const auto done = observe(source, keeper, [&](ClosedWindow& window) { lessons.add(window); });
  if (!done) return tl::make_unexpected(done.error());
  return train(lessons.finish(), options.train);
}

}  // namespace weir
