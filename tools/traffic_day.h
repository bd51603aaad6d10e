#pragma once

#include <cstdint>

#include "traffic_apps.h"
#include "traffic_office.h"

namespace weir {

/// What one machine begins on its own (its answers to others come with what the others do).
class Day {
 public:
  Day(const Office& office, const Machine& self, TrafficPlan& plan, Random random, std::int64_t start_ns, double seconds)
      : office_(office), self_(self), random_(random), apps_(plan, random_), start_ns_(start_ns), seconds_(seconds) {}
  Day(const Day&) = delete;  // apps_ refers to random_
  Day& operator=(const Day&) = delete;

  void spend_at_desk();    ///< browses, calls, reads mail, prints, fetches; programs that ask their servers regularly
  void spend_as_phone();   ///< browses less, watches videos
  void spend_as_sensor();  ///< reports readings to a broker
  void spend_as_camera();  ///< sends clips to a recorder
  /// Tests what it runs, for minutes: pages, names and pings again and again, a steady stream beside them. A laboratory of
  /// few machines looks like that as well.
  void spend_as_admin();
  void spend_as_server();  ///< forwards questions, keeps the time, delivers mail, backs up

 private:
  template <class Act>
  void now_and_then(double mean_interval_s, Act act);  ///< at random times
  template <class Act>
  void regularly(double interval_s, Act act);

  void keep_house();  ///< what every computer does unasked
  void use_programs();
  void browse(double mean_interval_s);
  void visit_page(std::int64_t at);
  void poll_servers();
  void move_files(double mean_interval_s);
  void serve_crowd(std::int64_t at);
  void test_network(std::int64_t at, double seconds);
  void test_pages(const Machine& server, std::int64_t at, double seconds);
  void test_bandwidth(const Machine& server, std::int64_t at, double seconds);

  const Machine& resolver() { return pick(random_, chance(random_, 0.4) ? office_.resolvers : office_.servers); }
  bool flip_v6() { return chance(random_, 0.4); }
  Route to(const Machine& server) { return {self_, server, flip_v6()}; }

  const Office& office_;
  const Machine& self_;
  Random random_;
  Applications apps_;
  std::int64_t start_ns_;
  double seconds_;
};

}  // namespace weir
