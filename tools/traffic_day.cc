#include "traffic_day.h"

#include <algorithm>
#include <array>

namespace weir {
namespace {

constexpr double kMinute = 60, kHour = 3600;

// Listed as often as they are likely.
constexpr std::array<std::uint16_t, 4> kWebPorts = {443, 443, 443, 80};
constexpr std::array<std::uint16_t, 4> kFilePorts = {445, 445, 445, 9100};
constexpr std::array<std::uint16_t, 2> kMailPorts = {25, 465};

std::int64_t after(std::int64_t at, double seconds) { return at + static_cast<std::int64_t>(seconds * 1e9); }

}  // namespace

template <class Act>
void Day::now_and_then(double mean_interval_s, Act act) {
  const std::int64_t end_ns = after(start_ns_, seconds_);
  for (std::int64_t at = after(start_ns_, exponential(random_) * mean_interval_s); at < end_ns;
       at = after(at, exponential(random_) * mean_interval_s))
    act(at);
}

template <class Act>
void Day::regularly(double interval_s, Act act) {
  for (double at = random_.uniform() * interval_s; at < seconds_; at += interval_s) act(after(start_ns_, at));
}

void Day::spend_at_desk() {
  keep_house();
  browse(15 * kMinute);
  if (chance(random_, 0.1)) poll_servers();
  use_programs();
  move_files(8 * kMinute);
}

void Day::spend_as_phone() {
  keep_house();
  browse(20 * kMinute);
  now_and_then(50 * kMinute, [&](std::int64_t at) {
    apps_.exchange({to(pick(random_, office_.sites)), 443, between(random_, 5.0, 20.0), between(random_, 15.0, 60.0), 1230,
                    between(random_, 15.0, 50.0)},
                   at);
  });
}

void Day::spend_as_sensor() {
  const Route route{self_, pick(random_, office_.servers), flip_v6()};
  const double interval_s = octave(random_, 1, 4);
  now_and_then(10 * kMinute, [&](std::int64_t at) { apps_.report({route, interval_s, between(random_, 30.0, 120.0)}, at); });
  const Route names{self_, pick(random_, office_.resolvers), false};
  const auto question = static_cast<std::uint16_t>(between(random_, 28U, 50U));
  now_and_then(8 * kMinute, [&](std::int64_t at) {  // the same name again and again: nothing is kept
    for (std::uint32_t i = between(random_, 30U, 120U); i > 0; --i) {
      apps_.look_up(names, question, static_cast<std::uint16_t>(question + 46), at);
      at = after(at, interval_s);
    }
  });
  regularly(64, [&](std::int64_t at) { apps_.ask_time(to(pick(random_, office_.remotes)), at); });
}

void Day::spend_as_camera() {
  const Route route{self_, pick(random_, office_.servers), flip_v6()};
  now_and_then(9 * kMinute, [&](std::int64_t at) {
    apps_.transfer({route, 443, Side::kClient, octave(random_, 2e5, 4)}, at);
  });
  now_and_then(2 * kMinute, [&](std::int64_t at) { apps_.announce({{self_, office_.group}, 1900, 4, 260}, at); });
}

void Day::spend_as_admin() {
  keep_house();
  for (double at = between(random_, 0.0, 0.3) * kHour; at < seconds_; at += between(random_, 0.5, 0.8) * kHour)
    test_network(after(start_ns_, at), between(random_, 90.0, 200.0));
  now_and_then(20 * kMinute, [&](std::int64_t at) {
    apps_.type({to(pick(random_, chance(random_, 0.6) ? office_.servers : office_.remotes)), octave(random_, 10, 4)}, at);
  });
  now_and_then(15 * kMinute, [&](std::int64_t at) {
    apps_.ping({to(pick(random_, office_.remotes)), between(random_, 5U, 60U)}, at);
  });
}

void Day::spend_as_server() {
  now_and_then(20, [&](std::int64_t at) { apps_.look_up(to(pick(random_, office_.remotes)), at); });
  now_and_then(5 * kMinute, [&](std::int64_t at) { serve_crowd(at); });
  now_and_then(5 * kMinute, [&](std::int64_t at) {
    apps_.deliver({to(pick(random_, office_.mail)), pick(random_, kMailPorts)}, at);
  });
  regularly(64, [&](std::int64_t at) { apps_.ask_time(to(pick(random_, office_.remotes)), at); });
  now_and_then(30 * kMinute, [&](std::int64_t at) {  // backup
    apps_.transfer({to(pick(random_, office_.remotes)), 873, Side::kClient, octave(random_, 2e5, 4)}, at);
  });
}

/// Many strangers at once: each a question or a short request, each from a port of its own.
void Day::serve_crowd(std::int64_t at) {
  const double per_s = octave(random_, 5, 3);
  const double questions = between(random_, 0.5, 0.95);
  for (const std::int64_t end_ns = after(at, between(random_, 5.0, 20.0)); at < end_ns;
       at = after(at, exponential(random_) / per_s)) {
    const Route route{pick(random_, office_.crowd), self_, flip_v6()};
    if (chance(random_, questions))
      apps_.look_up(route, at);
    else
      apps_.fetch({route, 80, 1, octave(random_, 300, 3)}, at);
  }
}

void Day::keep_house() {
  now_and_then(2 * kMinute, [&](std::int64_t at) { apps_.look_up(to(resolver()), at); });
  now_and_then(8 * kMinute, [&](std::int64_t at) { apps_.ask_time(to(pick(random_, office_.remotes)), at); });
  now_and_then(3 * kMinute, [&](std::int64_t at) {
    apps_.announce({{self_, office_.group, flip_v6()}, 5353, between(random_, 1U, 12U), between(random_, 40U, 300U)}, at);
  });
  now_and_then(kHour, [&](std::int64_t at) { apps_.announce({{self_, office_.group, false}, 67, 2, 300}, at); });
}

void Day::use_programs() {
  now_and_then(25 * kMinute, [&](std::int64_t at) { apps_.deliver({to(pick(random_, office_.mail)), 993}, at); });
  now_and_then(4 * kHour, [&](std::int64_t at) {  // a call
    const double packets_per_s = between(random_, 25.0, 60.0);
    apps_.exchange({to(pick(random_, office_.sites)), 3478, packets_per_s, packets_per_s, 190, between(random_, 15.0, 60.0)},
                   at);
  });
  now_and_then(20 * kMinute, [&](std::int64_t at) {
    const bool refused = chance(random_, 0.5);
    const std::uint16_t port = chance(random_, 0.5) ? 443 : 8080;
    for (std::uint32_t i = between(random_, 1U, 6U); i > 0; --i) {
      at = apps_.fail_to_connect(to(refused ? pick(random_, office_.servers) : office_.nobody), port, refused, at);
      at = after(at, exponential(random_));
    }
  });
  now_and_then(25 * kMinute, [&](std::int64_t at) {
    apps_.ping({to(pick(random_, chance(random_, 0.3) ? office_.servers : office_.sites)), between(random_, 4U, 60U)}, at);
  });
}

void Day::browse(double mean_interval_s) {
  now_and_then(mean_interval_s, [&](std::int64_t at) {
    for (std::uint32_t pages = between(random_, 1U, 4U); pages > 0; --pages) {
      visit_page(at);
      at = after(at, between(random_, 2.0, 40.0));
    }
  });
}

/// Names, then several connections at once to a few sites.
void Day::visit_page(std::int64_t at) {
  const bool v6 = flip_v6();
  for (std::uint32_t sites = between(random_, 1U, 3U); sites > 0; --sites) {
    const Route route{self_, pick(random_, office_.sites), v6};
    at = apps_.look_up({self_, resolver(), v6}, at);
    for (std::uint32_t connections = between(random_, 1U, 3U); connections > 0; --connections) {
      const std::int64_t begin = after(at, exponential(random_) * 0.1);
      if (chance(random_, 0.15))
        apps_.exchange({route, 443, 20, between(random_, 30.0, 120.0), 1230, between(random_, 0.3, 2.0)}, begin);
      else
        apps_.fetch({route, pick(random_, kWebPorts), between(random_, 1U, 5U), octave(random_, 500, 6)}, begin);
    }
    at = after(at, exponential(random_) * 0.5);
  }
}

void Day::poll_servers() {
  const Machine& server = pick(random_, chance(random_, 0.5) ? office_.servers : office_.sites);
  const Route route{self_, server, flip_v6()};
  const double bytes = octave(random_, 200, 5);
  const std::uint16_t port = chance(random_, 0.5) ? 443 : 80;
  regularly(octave(random_, 20, 2), [&](std::int64_t at) {
    if (chance(random_, 0.3)) at = apps_.look_up({self_, resolver(), route.v6}, at);
    apps_.fetch({route, port, 1, bytes}, at);
  });
}

void Day::move_files(double mean_interval_s) {
  now_and_then(mean_interval_s, [&](std::int64_t at) {
    const bool inside = chance(random_, 0.4);
    const std::uint16_t port = pick(random_, inside ? kFilePorts : kWebPorts);
    const Side from = port == 9100 || chance(random_, 0.25) ? Side::kClient : Side::kServer;
    apps_.transfer({to(pick(random_, inside ? office_.servers : office_.sites)), port, from, octave(random_, 2e5, 4)}, at);
  });
}

void Day::test_network(std::int64_t at, double seconds) {
  const bool near = chance(random_, 0.6);
  const Machine& server = pick(random_, near ? office_.servers : office_.remotes);
  const auto pings = static_cast<std::uint32_t>(seconds);
  for (const bool v6 : {false, true})
    if (chance(random_, 0.8)) apps_.ping({{self_, server, v6}, pings}, after(at, random_.uniform()));
  if (chance(random_, 0.9)) test_pages(server, at, seconds);
  if (chance(random_, 0.8)) test_bandwidth(server, at, seconds);
}

void Day::test_pages(const Machine& server, std::int64_t at, double seconds) {
  const std::int64_t end_ns = after(at, seconds);
  const double pause_s = octave(random_, 0.2, 4);
  const std::uint32_t octaves = between(random_, 2U, 8U);
  const double lookups = random_.uniform() < 0.7 ? 0.9 : 0.2;
  while (at < end_ns) {
    const Route route{self_, server, chance(random_, 0.5)};
    if (chance(random_, lookups)) apps_.look_up(route, at);
    apps_.fetch({route, 80, 1, octave(random_, 1500, octaves)}, after(at, 0.02));
    at = after(at, pause_s * between(random_, 0.4, 1.6));
  }
}

/// Longer where it is slower, so that no test makes many more frames than another.
void Day::test_bandwidth(const Machine& server, std::int64_t at, double seconds) {
  const double bits_per_s = octave(random_, 7e5, 5);
  const double length_s = std::min(seconds * 0.8, 3e7 / bits_per_s);
  const Side from = chance(random_, 0.75) ? Side::kClient : Side::kServer;
  const std::uint16_t port = chance(random_, 0.7) ? 5201 : 873;
  apps_.stream({{self_, server, chance(random_, 0.5)}, port, from, bits_per_s, length_s, octave(random_, 4e3, 6)},
               after(at, seconds * 0.1));
}

}  // namespace weir
