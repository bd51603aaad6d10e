#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "detect/rule.h"

namespace weir {

inline constexpr std::string_view kBeacon = "beacon";

/// A host that calls one service outside the home networks again and again at a steady period of a second or more, as
/// malware calls home; what updates by itself does so too, so this is of low severity and told once a day for each pair,
/// and not at all for pairs that the model's training saw do so.
/// Threshold: steady gaps. Default 32, the most that are kept: chance does not make 29 of 32 gaps alike.
class BeaconRule : public Rule {
 public:
  explicit BeaconRule(double threshold) : threshold_(threshold) {}
  std::optional<Finding> judge(const HostWindow& window) override;
  /// Silent from now on about these; texts of pair_text().
  void excuse(const std::vector<std::string>& pairs) { excused_ = {pairs.begin(), pairs.end()}; }
  static std::string pair_text(const IpAddress& host, const Beacon& beacon);

  struct Pair {
    IpAddress host, destination;
    std::uint16_t port = 0;
    auto operator<=>(const Pair&) const = default;
  };
  /// When each was told last. Taken over by the rule that comes in its place.
  using Told = std::map<Pair, std::int64_t>;
  const Told& told() const { return told_ns_; }
  void remember(Told told) { told_ns_ = std::move(told); }

 private:
  bool is_new(const Pair& pair, std::int64_t time_ns);

  double threshold_;
  Told told_ns_;
  std::unordered_set<std::string> excused_;
};

}  // namespace weir
