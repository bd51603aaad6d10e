#include "traffic_apps.h"

#include <netinet/in.h>

#include <algorithm>

namespace weir {
namespace {

constexpr double kLineRate = 40e6;  // bit/s at which a burst of an ordinary transfer passes the gateway, give or take 2

std::int64_t seconds_ns(double seconds) { return static_cast<std::int64_t>(seconds * 1e9); }

Payload payload_for(std::uint16_t port) {
  switch (port) {
    case 80:
    case 25:
    case 8080:
    case 9100:
      return Payload::kText;
    case 443:
    case 465:
    case 993:
    case 8443:
      return Payload::kTls;
    case 1883:
      return Payload::kBinary;
    default:
      return Payload::kRandom;
  }
}

}  // namespace

std::uint32_t Applications::begin(const Route& route, std::uint8_t protocol, std::uint16_t port, Payload payload) {
  return plan_.begin(make_conversation(route, protocol, port, payload, random_));
}

std::int64_t Applications::look_up(const Route& route, std::int64_t at) {
  const auto question = static_cast<std::uint16_t>(between(random_, 28U, 70U));
  return look_up(route, question, static_cast<std::uint16_t>(question + between(random_, 16U, 160U)), at);
}

std::int64_t Applications::look_up(const Route& route, std::uint16_t question, std::uint16_t answer, std::int64_t at) {
  const std::uint32_t talk = begin(route, IPPROTO_UDP, 53, Payload::kDns);
  const std::int64_t end_ns = at + 2 * draw_half_rtt_ns(route, random_);
  plan_.add({at, talk, question, false, 0});
  plan_.add({end_ns, talk, answer, true, 0});
  return end_ns;
}

std::int64_t Applications::fetch(const Fetch& what, std::int64_t at) {
  const Payload payload = payload_for(what.port);
  const double rate = octave(random_, kLineRate / 4, 4);
  TcpTalk talk(plan_, random_, what.route, what.port, payload, at);
  talk.open();
  if (payload == Payload::kTls) {
    talk.send(Side::kClient, between(random_, 280U, 600U), rate);    // ClientHello
    talk.send(Side::kServer, between(random_, 1400U, 4500U), rate);  // certificates
    talk.send(Side::kClient, 80, rate);
  }
  for (std::uint32_t i = 0; i < what.requests; ++i) {
    if (i > 0) talk.wait(exponential(random_) * 0.3);
    talk.send(Side::kClient, between(random_, 70U, 700U), rate);
    talk.wait(exponential(random_) * 0.02);
    talk.send(Side::kServer, static_cast<std::uint64_t>(what.bytes * between(random_, 0.5, 1.5)) + 200, rate);
  }
  talk.close();
  return talk.now();
}

std::int64_t Applications::transfer(const Transfer& what, std::int64_t at) {
  const Side to = what.from == Side::kClient ? Side::kServer : Side::kClient;
  const double rate = octave(random_, 1.5e6, 3);
  const double piece = octave(random_, 1.5e4, 4);
  TcpTalk talk(plan_, random_, what.route, what.port, payload_for(what.port), at);
  talk.open();
  for (double left = what.bytes; left > 0; left -= piece) {
    talk.send(to, between(random_, 60U, 400U), kLineRate);
    talk.send(what.from, static_cast<std::uint64_t>(std::min(left, piece)) + 1, rate);
  }
  talk.send(to, between(random_, 60U, 400U), kLineRate);
  talk.close();
  return talk.now();
}

std::int64_t Applications::stream(const SteadyStream& what, std::int64_t at) {
  TcpTalk talk(plan_, random_, what.route, what.port, payload_for(what.port), at);
  const auto chunk = static_cast<std::uint64_t>(what.chunk_bytes);
  const std::int64_t interval_ns = seconds_ns(what.chunk_bytes * 8 / what.bits_per_s);
  const std::int64_t end_ns = at + seconds_ns(what.seconds);
  talk.open();
  for (std::int64_t due_ns = talk.now(); talk.now() < end_ns; due_ns += interval_ns) {
    talk.send(what.from, chunk, std::max(kLineRate, 2 * what.bits_per_s));
    if (due_ns > talk.now()) talk.wait(static_cast<double>(due_ns - talk.now()) * 1e-9);
  }
  talk.close();
  return talk.now();
}

std::int64_t Applications::exchange(const Datagrams& what, std::int64_t at) {
  const std::uint32_t talk = begin(what.route, IPPROTO_UDP, what.port, Payload::kRandom);
  const std::int64_t end_ns = at + seconds_ns(what.seconds);
  for (const bool back : {false, true}) {
    const double mean_s = 1 / (back ? what.back_per_s : what.forth_per_s);
    const bool is_heavy = back == (what.back_per_s > what.forth_per_s);
    const std::uint32_t most = is_heavy ? what.bytes : std::min(what.bytes, 80U);
    for (std::int64_t next = at; next < end_ns; next += seconds_ns(mean_s * between(random_, 0.5, 1.5)))
      plan_.add({next, talk, static_cast<std::uint16_t>(between(random_, most / 2, most)), back, 0});
  }
  return end_ns;
}

std::int64_t Applications::type(const Shell& what, std::int64_t at) {
  TcpTalk talk(plan_, random_, what.route, 22, Payload::kRandom, at);
  talk.open();
  for (int i = 0; i < 5; ++i) {  // versions, keys, login
    talk.send(Side::kClient, between(random_, 40U, 1400U), kLineRate);
    talk.send(Side::kServer, between(random_, 40U, 1400U), kLineRate);
  }
  for (const std::int64_t end_ns = at + seconds_ns(what.seconds); talk.now() < end_ns;) {
    talk.send(Side::kClient, 36, kLineRate);
    talk.send(Side::kServer, chance(random_, 0.1) ? between(random_, 200U, 9000U) : 44, kLineRate);
    const double mean_pause_s = chance(random_, 0.1) ? 8 : 0.4;
    talk.wait(exponential(random_) * mean_pause_s);
  }
  talk.close();
  return talk.now();
}

std::int64_t Applications::ping(const Pings& what, std::int64_t at) {
  const int protocol = uses_v6(what.route) ? int{IPPROTO_ICMPV6} : int{IPPROTO_ICMP};
  const std::uint32_t talk = begin(what.route, static_cast<std::uint8_t>(protocol), 0, Payload::kPing);
  const std::int64_t half_ns = draw_half_rtt_ns(what.route, random_);
  for (std::uint32_t i = 0; i < what.count; ++i, at += kSecond_ns) {
    plan_.add({at, talk, 56, false, 0});
    plan_.add({at + 2 * half_ns, talk, 56, true, 0});
  }
  return at;
}

std::int64_t Applications::ask_time(const Route& route, std::int64_t at) {
  const std::uint32_t talk = begin(route, IPPROTO_UDP, 123, Payload::kBinary);
  const std::int64_t end_ns = at + 2 * draw_half_rtt_ns(route, random_);
  plan_.add({at, talk, 48, false, 0});
  plan_.add({end_ns, talk, 48, true, 0});
  return end_ns;
}

std::int64_t Applications::report(const Readings& what, std::int64_t at) {
  TcpTalk talk(plan_, random_, what.route, 1883, Payload::kBinary, at);
  talk.open();
  talk.send(Side::kClient, 40, kLineRate);
  talk.send(Side::kServer, 4, kLineRate);
  for (const std::int64_t end_ns = at + seconds_ns(what.seconds); talk.now() < end_ns;) {
    for (std::uint32_t i = between(random_, 1U, 4U); i > 0; --i) {
      talk.send(Side::kClient, between(random_, 30U, 120U), kLineRate);
      talk.send(Side::kServer, between(random_, 4U, 60U), kLineRate);
    }
    talk.wait(what.interval_s * between(random_, 0.95, 1.05));
  }
  talk.close();
  return talk.now();
}

std::int64_t Applications::deliver(const Mail& what, std::int64_t at) {
  TcpTalk talk(plan_, random_, what.route, what.port, payload_for(what.port), at);
  talk.open();
  for (std::uint32_t i = between(random_, 4U, 10U); i > 0; --i) {
    talk.send(Side::kServer, between(random_, 30U, 400U), kLineRate);
    talk.send(Side::kClient, between(random_, 10U, 120U), kLineRate);
    talk.wait(exponential(random_) * 0.05);
  }
  const bool is_sending = what.port == 25 || what.port == 465;
  talk.send(is_sending ? Side::kClient : Side::kServer, static_cast<std::uint64_t>(octave(random_, 1500, 7)), kLineRate);
  talk.send(is_sending ? Side::kServer : Side::kClient, between(random_, 30U, 90U), kLineRate);
  talk.close();
  return talk.now();
}

std::int64_t Applications::fail_to_connect(const Route& route, std::uint16_t port, bool refused, std::int64_t at) {
  TcpTalk talk(plan_, random_, route, port, Payload::kText, at);
  if (refused)
    talk.be_refused();
  else
    talk.be_ignored();
  return talk.now();
}

std::int64_t Applications::announce(const Announcement& what, std::int64_t at) {
  const Payload payload = what.port == 1900 ? Payload::kText : Payload::kDns;
  const std::uint32_t talk = begin(what.route, IPPROTO_UDP, what.port, payload);
  for (std::uint32_t i = 0; i < what.count; ++i, at += seconds_ns(between(random_, 0.1, 1.0)))
    plan_.add({at, talk, static_cast<std::uint16_t>(what.bytes), false, 0});
  return at;
}

}  // namespace weir
