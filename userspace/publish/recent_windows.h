#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "detect/detector.h"

namespace weir {

/// What one host did in one window, as much as explains its score.
struct KeptWindow {
  IpAddress host;
  Role role = Role::kSource;
  bool home = false;
  std::int64_t start_ns = 0;
  std::uint64_t packets = 0, bytes = 0;
  Verdict verdict;
  FeatureVector features{};
  std::shared_ptr<const Model> model;  ///< that scored it; nullptr: none did
};

/// The last minute's windows of the hosts that matter: in each window those that are flagged, then home, then strangest;
/// 4096 of them (12 MiB in all). Any thread.
class RecentWindows {
 public:
  static constexpr std::size_t kWindows = 6, kMostHosts = 4096;

  void add(const ClosedWindow& window, const std::vector<Verdict>& verdicts, const std::shared_ptr<const Model>& model);
  /// Of a host in both roles, oldest first.
  std::vector<KeptWindow> of(const IpAddress& host) const;

 private:
  mutable std::mutex mutex_;
  std::array<std::vector<KeptWindow>, kWindows> ring_;  // each sorted by host
  std::size_t oldest_ = 0;
};

}  // namespace weir
