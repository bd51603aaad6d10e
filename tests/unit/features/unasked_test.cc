#include "features/unasked.h"

#include <gtest/gtest.h>

#include "features/flow_signs.h"
#include "support/flow_records.h"

namespace weir {
namespace {

using namespace test;

class UnaskedTest : public ::testing::Test {
 protected:
  /// Flows of one window; what the figures then say of 10.0.0.1.
  SignFigures read(const std::vector<FlowRecord>& flows) {
    for (const FlowRecord& r : flows) add_direction(r.key, flow_of(r), conversations_);
    for (const FlowRecord& r : flows) read_flow_signs(r.key, flow_of(r), conversations_, signs_);
    signs_.end_window(0);
    const auto figures = signs_.figures_of(ip("10.0.0.1"));
    signs_.begin_window();
    conversations_.begin_window();
    return figures == nullptr ? SignFigures() : figures->window;
  }

  static FlowRecord answer(std::uint16_t from_port, const std::string& from = "192.0.2.1", std::uint16_t port = 40000) {
    FlowRecord r = udp(from, "10.0.0.1", port, 7);
    r.key.source_port = from_port;
    return r;
  }
  static FlowRecord synack(std::uint64_t packets = 3) {
    FlowRecord r = tcp("192.0.2.1", "10.0.0.1", 40000, kSyn | kAck, packets);
    r.key.source_port = 80;
    r.events[WEIR_EVENT_SYN] = 0;
    r.events[WEIR_EVENT_SATURATED] = 0;
    r.events[WEIR_EVENT_SYNACK] = static_cast<std::uint8_t>(packets);
    return r;
  }
  static FlowRecord reset(std::uint64_t packets = 3) {
    FlowRecord r = tcp("10.0.0.1", "192.0.2.1", 80, kRst, packets);
    r.events[WEIR_EVENT_RST] = static_cast<std::uint8_t>(std::min<std::uint64_t>(packets, 255));
    r.events[WEIR_EVENT_SATURATED] = packets > 255 ? 1 << WEIR_EVENT_RST : 0;
    return r;
  }

  Conversations conversations_{1000, 1};
  Signs signs_{1000, 7};
};

TEST_F(UnaskedTest, AnswersOfAmplifiersCountByPacketAndByHost) {
  const SignFigures f = read({answer(123), answer(123, "192.0.2.2"), answer(11211, "192.0.2.2")});
  EXPECT_EQ(f.unasked_datagrams.count, 21u);
  EXPECT_EQ(f.unasked_datagrams.port, 123);
  EXPECT_EQ(f.unasked_datagram_sources, 2u);
}

TEST_F(UnaskedTest, AnAnswerThatIsLateComesOnce) {
  std::vector<FlowRecord> late;
  for (int n = 0; n < 100; ++n) late.push_back(udp("192.0.2." + std::to_string(n), "10.0.0.1", 40000, 2));
  for (FlowRecord& r : late) r.key.source_port = 53;
  EXPECT_EQ(read(late).unasked_datagram_sources, 0u);
}

TEST_F(UnaskedTest, WhatWasAskedIsNoneNowOrAMinuteLater) {
  const FlowRecord question = udp("10.0.0.1", "192.0.2.1", 123);
  EXPECT_EQ(read({question, answer(123)}).unasked_datagrams.count, 0u);
  for (int window = 0; window < 5; ++window) EXPECT_EQ(read({answer(123)}).unasked_datagrams.count, 0u) << window;
  EXPECT_EQ(read({answer(123)}).unasked_datagrams.count, 7u) << "sixty seconds after the question";
}

TEST_F(UnaskedTest, WhatWasAskedOfAGroupAnybodyMayAnswer) {
  for (const char* group : {"239.255.255.250", "255.255.255.255", "10.0.0.255"}) {
    EXPECT_EQ(read({udp("10.0.0.1", group, 1900), answer(1900)}).unasked_datagrams.count, 0u) << group;
    EXPECT_EQ(read({answer(1900, "192.0.2.9")}).unasked_datagrams.count, 0u) << group;
    EXPECT_EQ(read({answer(123, "192.0.2.9")}).unasked_datagrams.count, 7u) << "another service";
  }
}

TEST_F(UnaskedTest, PeersAndPortsAtWillAreNone) {
  EXPECT_EQ(read({answer(500, "192.0.2.1", 500), answer(6881), answer(50000)}).unasked_datagrams.count, 0u);
}

TEST_F(UnaskedTest, WhoRefusesASynAckHasNotAskedForIt) {
  for (int window = 0; window < 3; ++window) {
    const SignFigures f = read({synack(), reset()});
    EXPECT_EQ(f.unasked_synacks, 3u) << window;
    EXPECT_EQ(f.unasked_synack_sources, 1u) << window;
  }
  EXPECT_EQ(read({synack(), reset(300)}).unasked_synacks, 3u) << "more resets than the kernel counts";
}

TEST_F(UnaskedTest, WhoScansHasAsked) {
  FlowRecord scan = tcp("10.0.0.1", "192.0.2.1", 80, kSyn | kRst, 2);
  scan.events[WEIR_EVENT_SYN] = scan.events[WEIR_EVENT_RST] = 1;
  EXPECT_EQ(read({scan, synack()}).unasked_synacks, 0u);
  EXPECT_EQ(read({synack(), reset()}).unasked_synacks, 0u) << "asked a window before";
}

}  // namespace
}  // namespace weir
