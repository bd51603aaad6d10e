#include <algorithm>
#include <string>

#include "bpf/meter_fixture.h"

namespace weir::test {
namespace {

constexpr std::int64_t kTick_ns = 4096 * kStamp_ns;
constexpr int kBurst = 16;  // samples that the cap lets through at once after a pause

class Samples : public MeterTest {
 protected:
  /// A filter so large that no two of a few flows share a counter.
  static constexpr TableSize kRoomy{.sets4 = 4096, .sets6 = 64, .host_sets = 16, .filter_words = 65536};

  void SetUp() override {
    MeterTest::SetUp();
    if (!IsSkipped()) load(kRoomy, 2000);
  }
  static Bytes with_payload(std::string_view text, std::uint16_t port = 80) {
    return PacketBuilder().ip4("10.0.0.1", "10.0.0.2").tcp(40000, port, kAck | kPsh, 12).payload(text).build();
  }
  /// Time enough for the cap to forget what it gave.
  void wait() { set_time(now_ns_ += 4 * kTick_ns); }

 private:
  std::int64_t now_ns_ = 400 * kTick_ns;
};

TEST_F(Samples, CarryKeyLengthAndThePayloadsHead) {
  const std::string text =
      "GET /index.html HTTP/1.1\r\nHost: example.org\r\nUser-Agent: a name that is long indeed\r\n"
      "Accept: text/html, text/plain\r\nCookie: behind the head";
  ASSERT_GT(text.size(), WEIR_SAMPLE_BYTES);
  send(with_payload(text));
  const Snapshot snapshot = drain();
  ASSERT_EQ(snapshot.samples.size(), 1u);
  const PayloadSample& sample = snapshot.samples[0];
  ASSERT_EQ(snapshot.flows.size(), 1u);
  EXPECT_EQ(sample.key, snapshot.flows[0].key);
  EXPECT_EQ(sample.payload_bytes, text.size());
  EXPECT_EQ(std::string(sample.head.begin(), sample.head.begin() + sample.size), text.substr(0, WEIR_SAMPLE_BYTES));
  EXPECT_EQ(snapshot.totals.samples_sent, 1u);
}

TEST_F(Samples, OfEveryShortPayloadAreWhole) {
  for (const std::size_t size : {1u, 2u, 127u, 128u, 129u}) {
    wait();
    send(PacketBuilder().vlan(3).ip6().hop_by_hop().udp(static_cast<std::uint16_t>(size), 53).payload(size).build());
    const Snapshot snapshot = drain();
    ASSERT_EQ(snapshot.samples.size(), 1u) << size;
    const PayloadSample& sample = snapshot.samples[0];
    EXPECT_EQ(sample.size, std::min<std::size_t>(size, WEIR_SAMPLE_BYTES));
    EXPECT_EQ(sample.key.source.to_string(), "2001:db8::1");
    for (std::size_t i = 0; i < sample.size; ++i) EXPECT_EQ(sample.head[i], 'a' + i % 26);
  }
}

TEST_F(Samples, AreTheFirstThreeOfAFlowThenOneIn256) {
  std::vector<int> sampled;
  for (int i = 0; i < 600; ++i) {
    wait();
    send(with_payload(std::to_string(i)));
  }
  for (const PayloadSample& sample : drain().samples)
    sampled.push_back(std::stoi(std::string(sample.head.begin(), sample.head.begin() + sample.size)));
  EXPECT_EQ(sampled, (std::vector<int>{0, 1, 2, 256, 512}));
}

TEST_F(Samples, BeginAnewInEachGeneration) {
  for (int generation = 0; generation < 4; ++generation) {
    for (int i = 0; i < 10; ++i) {
      wait();
      send(with_payload("x"));
    }
    EXPECT_EQ(drain().totals.samples_sent, 3u) << generation;
  }
}

TEST_F(Samples, AreCappedAndARefusedFlowKeepsItsClaim) {
  wait();
  for (std::uint16_t port = 1; port <= 30; ++port) send(with_payload("x", port));
  for (int i = 0; i < 20; ++i) {
    wait();
    send(with_payload("y", 30));  // its first was refused
  }
  const Snapshot snapshot = drain();
  EXPECT_EQ(snapshot.totals.samples_sent, kBurst + 3u);
  EXPECT_EQ(snapshot.totals.samples_capped, 30u - kBurst);
  EXPECT_EQ(snapshot.samples.size(), snapshot.totals.samples_sent);
}

TEST_F(Samples, StayBelowTheirRate) {
  wait();
  for (int tick = 0; tick < 250; ++tick) {  // a second and a bit, 100 fresh flows each 4 ms
    set_time(kSecond_ns * 2 + tick * kTick_ns);
    for (std::uint16_t i = 0; i < 100; ++i) send(with_payload("x", static_cast<std::uint16_t>(tick * 100 + i)));
  }
  const Snapshot snapshot = drain();
  EXPECT_LE(snapshot.totals.samples_sent, 2000u * 250 * 4195 / 1'000'000 + 2 * kBurst);
  EXPECT_GE(snapshot.totals.samples_sent, 1500u);
  EXPECT_EQ(snapshot.totals.samples_lost, 0u);
}

TEST_F(Samples, AreNotTakenWhereThereIsNoPayload) {
  send(PacketBuilder().ip4().tcp(1, 2).pad_to(60).build());
  send(PacketBuilder().ip4().fragment(64, false).protocol(17).payload(64).build());
  send(PacketBuilder().ethertype(0x0806).payload(46).build());
  EXPECT_EQ(drain().totals.samples_sent, 0u);
}

TEST_F(Samples, CanBeSwitchedOff) {
  load(kSmall, 0);
  send(with_payload("x"), 300);
  const Snapshot snapshot = drain();
  EXPECT_TRUE(snapshot.samples.empty());
  EXPECT_EQ(snapshot.totals.samples_sent + snapshot.totals.samples_capped, 0u);
}

TEST_F(Samples, ReachBehindTheFirstBufferOfAJumboFrame) {
  send(PacketBuilder().ip4().tcp(1, 2).payload(8000).build());
  const Snapshot snapshot = drain();
  ASSERT_EQ(snapshot.samples.size(), 1u);
  EXPECT_EQ(snapshot.samples[0].payload_bytes, 8000u);
  EXPECT_EQ(snapshot.samples[0].size, WEIR_SAMPLE_BYTES);
}

}  // namespace
}  // namespace weir::test
