#include <gtest/gtest.h>

#include <array>
#include <map>

#include "netns/live_sender.h"
#include "netns/raw_socket.h"
#include "sensor/capture.h"
#include "sensor/live_source.h"
#include "sensor/replay_source.h"
#include "support/packet_builder.h"
#include "support/pcap_writer.h"
#include "support/private_network.h"
#include "support/random_frames.h"
#include "support/snapshot_sums.h"

namespace weir::test {
namespace {

/// What both ways must agree on. Times differ, and so does what a tick holds.
struct Counts {
  std::uint64_t packets = 0, bytes = 0, squares = 0, overhead = 0;
  std::array<unsigned, WEIR_EVENTS> events{};
  auto operator<=>(const Counts&) const = default;
};

struct Tally {
  std::map<FlowKey, Counts> flows;
  Totals totals;
  std::array<std::uint64_t, 256> protocols{};
  std::map<std::pair<bool, int>, std::uint64_t> ports;

  void add(const Snapshot& tick) {
    for (const FlowRecord& flow : tick.flows) add(flow);
    const auto by_protocol = packets_by_protocol(tick);
    for (std::size_t i = 0; i < protocols.size(); ++i) protocols[i] += by_protocol[i];
    for (const auto& [port, packets] : packets_by_port(tick)) ports[port] += packets;
    totals += tick.totals;
  }

 private:
  void add(const FlowRecord& flow) {
    Counts& c = flows[flow.key];
    c.packets += flow.packets;
    c.bytes += flow.bytes;
    c.squares += flow.sum_squared_bytes;
    c.overhead += flow.overhead_bytes;
    for (std::size_t i = WEIR_EVENT_SYN; i < WEIR_EVENTS; ++i) c.events[i] += flow.events[i];
    c.events[WEIR_EVENT_FLAGS] |= flow.tcp_flags();
  }
};

std::vector<Bytes> make_frames() {
  std::vector<Bytes> frames;
  RandomFrames random(11);
  for (int i = 0; i < 3000; ++i) frames.push_back(random.next());
  for (std::uint16_t port = 1; port <= 20; ++port)  // more than one page each
    frames.push_back(PacketBuilder().ip4("10.3.0.1", "10.3.0.2").tcp(port, 443, kAck | kPsh).payload(8000).build());
  return frames;
}

Tally replay(const std::vector<Bytes>& frames, const SensorOptions& options) {
  PcapWriter file;
  std::int64_t time_ns = 1'700'000'000'000'000'000;
  for (const Bytes& frame : frames) file.add(time_ns += 1'000'000, frame);
  const std::string path = scratch_folder() + "/sent.pcap";
  file.save(path);
  ReplaySource source(std::move(Capture::open(path).value()), options);
  Tally tally;
  Snapshot tick;
  while (source.read_tick(tick).value()) tally.add(tick);
  return tally;
}

using CaptureVersusLive = PrivateNetworkTest;

TEST_F(CaptureVersusLive, SameFramesGiveTheSameCounts) {
  make_veth("va", "vb", 2, 9000);
  const std::vector<Bytes> frames = make_frames();
  const SensorOptions options{.interfaces = {"vb"},
                              .flows = 65536,
                              .decapsulate = {Tunnel::kVxlan, Tunnel::kGre, Tunnel::kIpInIp, Tunnel::kMpls, Tunnel::kPppoe}};
  auto live = LiveSource::start(options);
  ASSERT_TRUE(live) << live.error().what;
  Tally received;
  Snapshot tick;
  ASSERT_NO_FATAL_FAILURE(send_frames("va", frames));
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE((*live)->read_tick(tick));
    received.add(tick);
  }
  const Tally replayed = replay(frames, options);
  EXPECT_EQ(received.totals.seen_packets, frames.size());
  EXPECT_EQ(received.totals.seen_bytes, replayed.totals.seen_bytes);
  EXPECT_EQ(received.totals.undecoded_packets, replayed.totals.undecoded_packets);
  EXPECT_EQ(received.totals.undecoded_bytes, replayed.totals.undecoded_bytes);
  EXPECT_EQ(received.protocols, replayed.protocols);
  EXPECT_EQ(received.ports, replayed.ports);
  EXPECT_GT(replayed.flows.size(), 500u);
  EXPECT_TRUE(received.flows == replayed.flows);
  EXPECT_EQ(received.totals.overflow_packets + replayed.totals.overflow_packets, 0u);
}

}  // namespace
}  // namespace weir::test
