#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "detect/detector.h"
#include "features/host_window.h"
#include "training_set.h"

namespace weir {

/// A window of a source, as it is learned.
struct Lesson {
  IpAddress host;
  std::uint32_t window = 0;                   ///< its start in windows (10 s) since 1970
  std::array<float, kFeatureCount> features;  ///< untransformed
  float half_open_syn = 0, icmp_packets = 0, ports_probed = 0;
};

/// What a window of a destination adds to what is normal for quantities that rules look at.
struct DestinationLesson {
  IpAddress host;
  std::uint32_t window = 0;
  float half_open_syn = 0, icmp_packets = 0;
};

/// Ordinary windows to learn from, a bounded number: at 131,072 the rows take 23 MiB.
///
/// The threshold is counted in hosts and stretches of 10 minutes (calibration.h), so these are kept or left out whole: once
/// the rows are full, half of all such blocks go, chosen by a hash, those that come later by the same one. Every host, hour
/// and kind of traffic keeps its share, each block keeps its greatest score, and the hours that the rest stands for are
/// halved with it: the alarms a day that the blocks are expected to hold stay what they were.
class Lessons {
 public:
  static constexpr std::size_t kMost = std::size_t{1} << 17;
  static constexpr std::size_t kMostBeacons = 2000;  // 86 bytes each at most: a file's header holds 256 KiB

  Lessons() = default;
  explicit Lessons(std::size_t most) : most_(most) {}

  /// Left out are windows that are too small to be scored, and those that a rule flagged: an attack must not become
  /// ordinary. Beacons do not count, for a device that calls home is as ordinary as others (who does is remembered), nor
  /// does what the model finds strange: a model that forgot what it alarmed for would alarm for more each time. The heaviest
  /// outliers are the trainer's matter.
  void add(const ClosedWindow& window, const Judgement& judgement, const DetectOptions& options);

  /// Gives the rows' memory back, once nothing more is to be trained; the counts stay.
  void forget();

  /// To train on; `hours`: time that all windows came from.
  TrainingSet training_set(double hours) const;

  /// 1, 1/2, 1/4...: of all blocks, those that are kept.
  double share() const;
  /// Time that was watched, traffic or not, counted in windows: a clock that jumps does not change it.
  double hours() const { return static_cast<double>(counts.windows) * kWindow_s / 3600; }
  /// The same from the first window's start to the last one's end, for captures: they hold no window without a packet.
  double span_hours() const { return static_cast<double>(last_ns_ - first_ns_) / 3.6e12; }
  std::size_t hosts() const;
  std::size_t bytes() const;

  const std::vector<Lesson>& sources() const { return sources_; }
  const std::vector<DestinationLesson>& destinations() const { return destinations_; }
  const std::set<std::string>& beacons() const { return beacons_; }
  unsigned halvings() const { return halvings_; }

  struct Counts {
    std::uint64_t windows = 0;                                  ///< closed windows
    std::uint64_t busy = 0;                                     ///< of these with a lesson in them
    std::uint64_t lessons = 0;                                  ///< windows of sources that were ordinary, kept or not
    std::map<std::string, std::uint64_t, std::less<>> flagged;  ///< windows left out, by the rule's kind
  } counts;

  /// As it was; the rows are taken as they are (lessons_file.cc has checked them).
  static Lessons restored(std::vector<Lesson> sources, std::vector<DestinationLesson> destinations,
                          std::set<std::string> beacons, unsigned halvings, Counts counts, std::size_t most = kMost);

 private:
  void note_beacons(const HostWindow& host, double gaps);
  void add_source(const HostWindow& host);
  void add_destination(const HostWindow& host);
  void halve();
  bool is_kept(const IpAddress& host, std::uint32_t window) const;

  std::size_t most_ = kMost;
  std::vector<Lesson> sources_;
  std::vector<DestinationLesson> destinations_;
  std::set<std::string> beacons_;
  unsigned halvings_ = 0;
  std::int64_t first_ns_ = 0, last_ns_ = 0;
};

}  // namespace weir
