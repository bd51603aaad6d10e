#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace weir::test {

using Ratios = std::map<std::string, double>;

/// ratios.json: by machine (its CPU and kernel) what a benchmark measured as "ours : the usual way, in one run"; smaller is
/// better. A guard fails where a ratio got worse by a quarter: machines differ, so the worst of them counts.
class RatioBook {
 public:
  /// Throws std::runtime_error where the file is missing or no such book.
  explicit RatioBook(const std::string& path);

  /// The worst recorded ratio, plus a quarter. Throws std::runtime_error where none is recorded.
  double bound(const std::string& benchmark, const std::string& name) const;
  /// Whether a machine with this CPU recorded ratios of the benchmark.
  bool is_recorded_here(const std::string& benchmark) const;
  /// Replaces what this machine recorded for the benchmark, and writes the file.
  void record(const std::string& benchmark, const Ratios& ratios);

  /// Whether each ratio is within its bound; prints them.
  bool holds(const std::string& benchmark, const Ratios& ratios) const;

 private:
  std::string path_;
  nlohmann::ordered_json book_;
};

}  // namespace weir::test
