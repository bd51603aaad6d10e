#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "detect/detector.h"

namespace weir {

/// What is remembered of a host in a role over many windows.
struct HostEntry {
  HostWindow last;                                ///< its latest closed window
  double score = 0, model_score = 0;              ///< of that window, as the next two
  std::vector<std::string_view> kinds, silenced;  ///< see Verdict, of which there is no room for all
  double max_score = 0, max_model_score = 0;
  std::uint64_t packets = 0, bytes = 0;  ///< of all closed windows
};

/// Hosts by the traffic of their closed windows, a bounded number: who was not seen for longest goes first.
class HostLedger {
 public:
  explicit HostLedger(std::size_t most_hosts) : most_hosts_(most_hosts) {}

  /// Room for another number of hosts, from the next window.
  void use(std::size_t most_hosts) { most_hosts_ = most_hosts; }

  void add(const ClosedWindow& window, const std::vector<Verdict>& verdicts);
  std::size_t size() const { return entries_.size(); }
  /// The busiest in all windows, most packets first.
  std::vector<const HostEntry*> busiest(std::size_t count) const;

 private:
  struct Key {
    IpAddress host;
    Role role;
    auto operator<=>(const Key&) const = default;
  };
  void forget_oldest();

  std::size_t most_hosts_;
  std::map<Key, HostEntry> entries_;
};

}  // namespace weir
