#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "detect/alert.h"
#include "detect/detector.h"

namespace weir {

/// Alerts that belong together, as one thing to look at.
struct Incident {
  struct Event {
    std::int64_t time_ns = 0;
    IpAddress host;
    Role role = Role::kSource;
    std::string_view kind;
    std::string text;
  };
  std::uint64_t id = 0;
  std::int64_t first_ns = 0, last_ns = 0;
  Severity severity = Severity::kLow;  ///< the highest
  double score = 0;                    ///< the highest
  std::map<std::string_view, std::uint64_t> alerts_by_kind;
  std::map<IpAddress, std::uint64_t> alerts_by_host;  ///< whom an alert was about, whatever the alarm budget
  std::map<IpAddress, std::uint64_t> others;          ///< whom it was done to, where a rule knew
  std::vector<Event> timeline;                        ///< the first kMostEvents
  std::uint64_t alerts = 0;
  std::uint64_t over_budget = 0;  ///< of these: joined because the day's alarm budget was spent

  std::uint64_t unnamed = 0;  ///< alerts about hosts beyond the first kMostHosts

  static constexpr std::size_t kMostEvents = 200, kMostHosts = 4096;
};

/// Groups alerts into incidents. An alert joins the incident of its host, or of whom it was done to, for as long as that was
/// not quiet for `quiet_ns`; else one that began by the same kind within a minute: what breaks out in many hosts at once is
/// one thing. Once a day's budget of incidents is spent, an alert joins the newest of its kind however long ago: nothing is
/// suppressed, but an engineer is called for no more of them one by one.
class Incidents {
 public:
  static constexpr std::size_t kMost = 500;
  static constexpr std::int64_t kOutbreak_ns = 60'000'000'000;
  static constexpr std::int64_t kDay_ns = 86'400'000'000'000;

  Incidents(std::int64_t quiet_ns, double budget_per_day) : quiet_ns_(quiet_ns), budget_per_day_(budget_per_day) {}

  /// From now on.
  void use(std::int64_t quiet_ns, double budget_per_day) {
    quiet_ns_ = quiet_ns;
    budget_per_day_ = budget_per_day;
  }

  /// Files an alert that is not silenced and writes the incident's number into it. True if the incident is new.
  bool add(Alert& alert);
  /// What goes on without a new alert keeps its incident open.
  void add(const ClosedWindow& window, const std::vector<Verdict>& verdicts);

  bool is_open(const Incident& incident, std::int64_t now_ns) const { return now_ns - incident.last_ns < quiet_ns_; }
  /// The newest kMost, oldest first.
  const std::deque<Incident>& all() const { return all_; }
  std::uint64_t begun() const { return begun_; }

 private:
  Incident* find(const Alert& alert);
  Incident* open_of(const IpAddress& host, std::int64_t now_ns);
  Incident* newest_of(std::string_view kind, std::int64_t since_ns);
  bool is_budget_spent(std::int64_t now_ns) const;
  Incident& begin(const Alert& alert);
  void name(const IpAddress& host, std::map<IpAddress, std::uint64_t>& names, Incident& incident);

  std::int64_t quiet_ns_;
  double budget_per_day_;
  std::deque<Incident> all_;
  std::map<IpAddress, std::uint64_t> latest_;  // the incident of each host named, as host or as other
  std::uint64_t begun_ = 0;
};

}  // namespace weir
