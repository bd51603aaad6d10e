#include "bpf/meter_fixture.h"

namespace weir::test {
namespace {

class Events : public MeterTest {
 protected:
  /// More than WEIR_SMALL_FRAME, so that only flags count.
  static Bytes segment(std::uint8_t flags) { return PacketBuilder().ip4().tcp(40000, 80, flags).payload(100).build(); }
  static Bytes of_size(std::size_t bytes) { return PacketBuilder().ip4().udp(1, 2).payload(bytes - 42).build(); }
};

TEST_F(Events, FlagsAreOredIntoTheFlow) {
  const std::uint8_t one_after_the_other[] = {kSyn, kAck | kPsh, kAck | kFin};
  for (const std::uint8_t flags : one_after_the_other) send(segment(flags));
  const Snapshot snapshot = drain();
  ASSERT_EQ(snapshot.flows.size(), 1u);
  EXPECT_EQ(snapshot.flows[0].tcp_flags(), kSyn | kAck | kPsh | kFin);
}

TEST_F(Events, SynIsOneWithoutAck) {
  const auto events = flow_of(segment(kSyn)).events;
  EXPECT_EQ(events[WEIR_EVENT_SYN], 1);
  EXPECT_EQ(events[WEIR_EVENT_SYNACK], 0);
  EXPECT_EQ(events[WEIR_EVENT_ODD], 0);
}

TEST_F(Events, SynAckIsNoSyn) {
  const auto events = flow_of(segment(kSyn | kAck)).events;
  EXPECT_EQ(events[WEIR_EVENT_SYN], 0);
  EXPECT_EQ(events[WEIR_EVENT_SYNACK], 1);
}

TEST_F(Events, ResetAndFinAreCounted) {
  send(segment(kRst | kAck), 3);
  send(segment(kFin | kAck), 2);
  const Snapshot snapshot = drain();
  ASSERT_EQ(snapshot.flows.size(), 1u);
  EXPECT_EQ(snapshot.flows[0].events[WEIR_EVENT_RST], 3);
  EXPECT_EQ(snapshot.flows[0].events[WEIR_EVENT_FIN], 2);
  EXPECT_EQ(snapshot.flows[0].events[WEIR_EVENT_ODD], 0);
}

TEST_F(Events, OddIsWhatNoStackSends) {
  const std::uint8_t odd[] = {0, kFin, kFin | kPsh | kUrg, kSyn | kFin, kSyn | kRst, kSyn | kFin | kAck};
  for (const std::uint8_t flags : odd) send(segment(flags));
  const Snapshot snapshot = drain();
  ASSERT_EQ(snapshot.flows.size(), 1u);
  EXPECT_EQ(snapshot.flows[0].events[WEIR_EVENT_ODD], std::size(odd));
}

TEST_F(Events, OrdinarySegmentsLeaveNone) {
  const std::uint8_t ordinary[] = {kAck, kAck | kPsh, kAck | kUrg};
  for (const std::uint8_t flags : ordinary) send(segment(flags));
  const Snapshot snapshot = drain();
  ASSERT_EQ(snapshot.flows.size(), 1u);
  for (const int event : {WEIR_EVENT_SYN, WEIR_EVENT_SYNACK, WEIR_EVENT_RST, WEIR_EVENT_FIN, WEIR_EVENT_ODD})
    EXPECT_EQ(snapshot.flows[0].events[static_cast<std::size_t>(event)], 0) << event;
}

TEST_F(Events, SmallFrameIsOneOfAtMost74Bytes) {
  send(of_size(WEIR_SMALL_FRAME), 2);
  send(of_size(WEIR_SMALL_FRAME + 1), 5);
  const Snapshot snapshot = drain();
  ASSERT_EQ(snapshot.flows.size(), 1u);
  EXPECT_EQ(snapshot.flows[0].events[WEIR_EVENT_SMALL], 2);
}

TEST_F(Events, LaterFragmentHasNoFlags) {
  const FlowRecord flow = flow_of(PacketBuilder().ip4().fragment(64, true).protocol(6).payload(64).build());
  EXPECT_EQ(flow.tcp_flags(), 0);
  EXPECT_EQ(flow.events[WEIR_EVENT_ODD], 0) << "no flags at all would be odd in a segment";
}

TEST_F(Events, CounterStopsAt255AndSaysSo) {
  send(segment(kSyn), 300);
  const Snapshot snapshot = drain();
  ASSERT_EQ(snapshot.flows.size(), 1u);
  EXPECT_EQ(snapshot.flows[0].packets, 300u);
  EXPECT_EQ(snapshot.flows[0].events[WEIR_EVENT_SYN], 255);
  EXPECT_EQ(snapshot.flows[0].events[WEIR_EVENT_SATURATED], 1 << WEIR_EVENT_SYN);
  EXPECT_EQ(snapshot.totals.saturated_events, 45u);
}

TEST_F(Events, FullCounterDoesNotSpillIntoItsNeighbours) {
  send(segment(kSyn), 400);
  send(segment(kRst | kAck), 7);
  send(segment(kSyn | kAck), 255);
  const Snapshot snapshot = drain();
  ASSERT_EQ(snapshot.flows.size(), 1u);
  const auto& events = snapshot.flows[0].events;
  EXPECT_EQ(events[WEIR_EVENT_FLAGS], kSyn | kRst | kAck);
  EXPECT_EQ(events[WEIR_EVENT_SYN], 255);
  EXPECT_EQ(events[WEIR_EVENT_SYNACK], 255);
  EXPECT_EQ(events[WEIR_EVENT_RST], 7);
  EXPECT_EQ(events[WEIR_EVENT_FIN], 0);
  EXPECT_EQ(events[WEIR_EVENT_SATURATED], 1 << WEIR_EVENT_SYN) << "255 were all counted";
}

}  // namespace
}  // namespace weir::test
