#pragma once

#include <gtest/gtest.h>

#include <string>

namespace weir::test {

bool is_root();

/// Runs a command line; a failure is a failure of the test, with what it printed.
void run(const std::string& command);

/// Pins this thread, so that per-CPU state is one CPU's.
void pin_to_cpu(int cpu);

/// Moves this thread, and what it starts, into a new network namespace, which dies with them. Fails the test where that
/// would leave it in the machine's own.
void enter_private_network();

/// Two ends, up, silent (no IPv6, no ARP of their own), with `queues` receive and transmit queues each.
void make_veth(const std::string& one, const std::string& other, int queues = 1, int mtu = 1500);

/// Each test in a network of its own.
class PrivateNetworkTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!is_root()) GTEST_SKIP() << "needs root: it makes a network namespace and loads BPF programs";
    ASSERT_NO_FATAL_FAILURE(enter_private_network());
  }
};

}  // namespace weir::test
