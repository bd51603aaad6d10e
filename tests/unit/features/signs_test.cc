#include "features/signs.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

IpAddress ip(int last) { return *IpAddress::parse("10.0." + std::to_string(last / 256) + "." + std::to_string(last % 256)); }

class SignsTest : public ::testing::Test {
 protected:
  /// Ends the window that began `number` windows after the first, and begins the next.
  SignFigures end_window(int number, bool minute = true) {
    signs_.end_window(number * kWindow);
    const auto figures = signs_.figures_of(ip(1));
    signs_.begin_window();
    return figures == nullptr ? SignFigures() : minute ? figures->minute : figures->window;
  }

  static constexpr std::int64_t kWindow = 10'000'000'000;
  Signs signs_{1000, 7};
};

TEST_F(SignsTest, CountsDistinctPortsOfAHostAndDistinctHostsOfAPort) {
  for (int n = 0; n < 30; ++n) signs_.add(ip(1), SignKind::kFailedTcp, ip(2), static_cast<std::uint16_t>(n % 15 + 1));
  for (int n = 0; n < 30; ++n) signs_.add(ip(1), SignKind::kFailedTcp, ip(100 + n % 10), 445);
  for (int n = 0; n < 500; ++n) signs_.add(ip(9), SignKind::kFailedTcp, ip(2), static_cast<std::uint16_t>(n));
  const SignFigures f = end_window(0, false);
  EXPECT_EQ(f.failed_ports_tcp.count, 15u);
  EXPECT_EQ(f.failed_ports_tcp.host, ip(2));
  EXPECT_EQ(f.failed_hosts_tcp.count, 10u);
  EXPECT_EQ(f.failed_hosts_tcp.port, 445);
  EXPECT_EQ(f.failed_ports_udp.count, 0u);
}

TEST_F(SignsTest, AddsUpAMinuteAndNoMore) {
  for (int window = 0; window < 8; ++window) {
    for (int n = 0; n < 10; ++n) signs_.add(ip(1), SignKind::kFailedTcp, ip(100 + window * 10 + n), 22);
    const SignFigures f = end_window(window);
    EXPECT_EQ(f.failed_hosts_tcp.count, 10u * static_cast<unsigned>(std::min(window + 1, 6))) << window;
  }
}

TEST_F(SignsTest, AMinuteSpeaksOnlyInAWindowThatAddsToIt) {
  for (int n = 0; n < 50; ++n) signs_.add(ip(1), SignKind::kFailedTcp, ip(100 + n), 22);
  EXPECT_EQ(end_window(0).failed_hosts_tcp.count, 50u);
  signs_.add(ip(1), SignKind::kLogin, ip(2), 22, 3);
  EXPECT_EQ(end_window(1).failed_hosts_tcp.count, 0u);
  signs_.add(ip(1), SignKind::kFailedTcp, ip(2), 22, 3);
  EXPECT_EQ(end_window(2).failed_hosts_tcp.count, 51u);
}

TEST_F(SignsTest, ForgetsOverASilence) {
  for (int n = 0; n < 50; ++n) signs_.add(ip(1), SignKind::kFailedTcp, ip(100 + n), 22);
  end_window(0);
  signs_.add(ip(1), SignKind::kFailedTcp, ip(2), 22, 3);
  EXPECT_EQ(end_window(6).failed_hosts_tcp.count, 1u) << "60 s later nothing of it is left";
}

TEST_F(SignsTest, TheSameAttemptsAddUpInCountAndNotInHosts) {
  for (int window = 0; window < 3; ++window) {
    for (int n = 0; n < 4; ++n) signs_.add(ip(1), SignKind::kLogin, ip(2), 22);
    signs_.add(ip(1), SignKind::kFailedTcp, ip(2), 22, 5);
    const SignFigures f = end_window(window);
    EXPECT_EQ(f.logins.count, 4u * static_cast<unsigned>(window + 1));
    EXPECT_EQ(f.failed_hosts_tcp.count, 1u);
  }
}

TEST_F(SignsTest, RefusalsAddUpHoweverFewAWindowHas) {
  for (int window = 0; window < 6; ++window) {
    signs_.add(ip(1), SignKind::kLoginRefused, ip(2), 21, 2);
    signs_.add(ip(1), SignKind::kCommunity, ip(2), static_cast<std::uint16_t>(window));
    const SignFigures f = end_window(window);
    EXPECT_EQ(f.refused_logins.count, 2u * static_cast<unsigned>(window + 1));
    EXPECT_EQ(f.communities.count, static_cast<unsigned>(window + 1));
  }
}

TEST_F(SignsTest, CountsWhatFindsNoRoom) {
  for (int n = 0; n < 1500; ++n) signs_.add(ip(1), SignKind::kFailedTcp, ip(2), static_cast<std::uint16_t>(n));
  EXPECT_EQ(signs_.lost(), 500u);
  EXPECT_EQ(end_window(0, false).failed_ports_tcp.count, 1000u);
}

TEST_F(SignsTest, AFloodOfStrangersIsNotRemembered) {
  for (int n = 0; n < 900; ++n) signs_.add(ip(n + 10), SignKind::kFailedTcp, ip(2), 80);
  for (int n = 0; n < 40; ++n) signs_.add(ip(1), SignKind::kFailedTcp, ip(1000 + n), 22);
  EXPECT_EQ(end_window(0).failed_hosts_tcp.count, 40u);
  EXPECT_EQ(signs_.lost(), 0u);
  signs_.add(ip(1), SignKind::kFailedTcp, ip(2), 22, 3);
  EXPECT_EQ(end_window(1).failed_hosts_tcp.count, 41u);
}

}  // namespace
}  // namespace weir
