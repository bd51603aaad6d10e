#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace weir::test {

/// `weir run` as it ships, on the last CPU: models, rules, HTTP and an alert file, tables declared for `flows`.
class RunningDaemon {
 public:
  /// Returns after its first tick. Throws std::runtime_error.
  RunningDaemon(const std::string& interface, std::uint32_t flows);
  ~RunningDaemon();
  RunningDaemon(const RunningDaemon&) = delete;
  RunningDaemon& operator=(const RunningDaemon&) = delete;

  /// Of all its threads so far, user and kernel.
  double cpu_ns() const;
  /// /api/v1/status.
  nlohmann::json status() const;
  /// Packets that it has accounted for: in flows, overflow, or not decoded.
  std::uint64_t packets() const;
  /// Waits until what has arrived by now is accounted for and judged. Throws where no tick comes.
  void wait_for_ticks(int count) const;

 private:
  std::string ask() const;

  std::filesystem::path folder_;
  pid_t pid_ = -1;
};

}  // namespace weir::test
