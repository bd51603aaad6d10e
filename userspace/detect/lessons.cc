#include "detect/lessons.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <utility>

namespace weir {
namespace {

constexpr std::uint32_t kWindowsPerBlock = 60;  // 10 minutes, as calibration.cc has it
constexpr std::uint64_t kHashSeed = 0x5EED;     // the same traffic leaves the same lessons
constexpr unsigned kMostHalvings = 63;

std::uint32_t window_number(const HostWindow& host) { return static_cast<std::uint32_t>(host.start_ns / kWindow_ns); }

/// What a rule says of it, silenced or not: who is allowed to scan still does nothing ordinary.
std::vector<std::string_view> rules_kinds(const Verdict& verdict) {
  std::vector<std::string_view> kinds;
  for (const auto* of : {&verdict.kinds, &verdict.silenced})
    std::ranges::copy_if(*of, std::back_inserter(kinds), [](auto kind) { return kind != kAnomaly && kind != kBeacon; });
  return kinds;
}

float as_float(double value) { return static_cast<float>(value); }

}  // namespace

void Lessons::add(const ClosedWindow& window, const Judgement& judgement, const DetectOptions& options) {
  const std::uint64_t before = counts.lessons;
  for (std::size_t i = 0; i < window.hosts.size(); ++i) {
    const HostWindow& host = window.hosts[i];
    note_beacons(host, options.beacon.threshold);
    if (host.packets < options.model.min_packets) continue;
    const auto kinds = rules_kinds(judgement.verdicts[i]);
    for (const std::string_view kind : kinds) ++counts.flagged[std::string(kind)];
    if (!kinds.empty()) continue;
    host.role == Role::kSource ? add_source(host) : add_destination(host);
  }
  counts.busy += counts.lessons > before ? 1 : 0;
  first_ns_ = counts.windows++ == 0 ? window.start_ns : std::min(first_ns_, window.start_ns);
  last_ns_ = std::max(last_ns_, window.end_ns);
}

void Lessons::note_beacons(const HostWindow& host, double gaps) {
  if (host.role != Role::kSource || !host.signs) return;
  for (const Beacon& beacon : host.signs->beacons)
    if (beacon.gaps >= gaps && beacons_.size() < kMostBeacons) beacons_.insert(BeaconRule::pair_text(host.host, beacon));
}

void Lessons::add_source(const HostWindow& host) {
  ++counts.lessons;
  while (sources_.size() >= most_ && halvings_ < kMostHalvings) halve();
  if (!is_kept(host.host, window_number(host))) return;
  Lesson lesson{host.host,
                window_number(host),
                {},
                as_float(static_cast<double>(host.evidence.half_open_to_service)),
                as_float(static_cast<double>(host.evidence.icmp_packets)),
                as_float(host.evidence.ports_probed)};
  // A variance that rounding left below zero is none (feature_row.h).
  std::ranges::transform(host.features, lesson.features.begin(), [](double x) { return as_float(std::max(0.0, x)); });
  sources_.push_back(lesson);
}

void Lessons::add_destination(const HostWindow& host) {
  while (destinations_.size() >= most_ && halvings_ < kMostHalvings) halve();
  if (is_kept(host.host, window_number(host)))
    destinations_.push_back({host.host, window_number(host),
                             as_float(static_cast<double>(host.evidence.half_open_to_service)),
                             as_float(static_cast<double>(host.evidence.icmp_packets))});
}

void Lessons::halve() {
  ++halvings_;
  const auto is_left_out = [this](const auto& lesson) { return !is_kept(lesson.host, lesson.window); };
  std::erase_if(sources_, is_left_out);
  std::erase_if(destinations_, is_left_out);
}

bool Lessons::is_kept(const IpAddress& host, std::uint32_t window) const {
  std::array<std::uint8_t, 24> block{};
  const std::uint64_t number = window / kWindowsPerBlock;
  std::ranges::copy(host.bytes(), block.begin());
  std::memcpy(block.data() + host.bytes().size(), &number, sizeof number);
  return hash_bytes(block.data(), block.size(), kHashSeed) <= ~std::uint64_t{0} >> halvings_;
}

void Lessons::forget() {
  std::vector<Lesson>().swap(sources_);  // = {} would keep the memory
  std::vector<DestinationLesson>().swap(destinations_);
  beacons_.clear();
}

TrainingSet Lessons::training_set(double hours) const {
  TrainingSet set;
  std::vector<FeatureVector> rows(sources_.size());
  std::map<IpAddress, std::uint32_t> numbers;
  std::vector<double> half_open, icmp, probed;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Lesson& lesson = sources_[i];
    std::ranges::copy(lesson.features, rows[i].begin());
    set.host.push_back(numbers.try_emplace(lesson.host, static_cast<std::uint32_t>(numbers.size())).first->second);
    set.time_ns.push_back(std::int64_t{lesson.window} * kWindow_ns);
    half_open.push_back(static_cast<double>(lesson.half_open_syn));
    icmp.push_back(static_cast<double>(lesson.icmp_packets));
    probed.push_back(static_cast<double>(lesson.ports_probed));
  }
  for (const DestinationLesson& lesson : destinations_) {
    half_open.push_back(static_cast<double>(lesson.half_open_syn));
    icmp.push_back(static_cast<double>(lesson.icmp_packets));
  }
  set.set_windows(rows);
  set.add_normal(kHalfOpenSyn, std::move(half_open));
  set.add_normal(kIcmpPackets, std::move(icmp));
  set.add_normal(kPortsProbed, std::move(probed));
  set.known_beacons.assign(beacons_.begin(), beacons_.end());
  set.hours = hours * share();
  return set;
}

double Lessons::share() const { return std::ldexp(1, -static_cast<int>(halvings_)); }

std::size_t Lessons::hosts() const {
  std::set<IpAddress> hosts;
  for (const Lesson& lesson : sources_) hosts.insert(lesson.host);
  return hosts.size();
}

std::size_t Lessons::bytes() const {
  return sources_.capacity() * sizeof(Lesson) + destinations_.capacity() * sizeof(DestinationLesson);
}

Lessons Lessons::restored(std::vector<Lesson> sources, std::vector<DestinationLesson> destinations,
                          std::set<std::string> beacons, unsigned halvings, Counts counts, std::size_t most) {
  Lessons lessons(most);
  lessons.sources_ = std::move(sources);
  lessons.destinations_ = std::move(destinations);
  lessons.beacons_ = std::move(beacons);
  lessons.halvings_ = halvings;
  lessons.counts = std::move(counts);
  return lessons;
}

}  // namespace weir
