#include "netns/socket_sender.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>

#include "netns/two_networks.h"
#include "support/private_network.h"

namespace weir::test {
namespace {

constexpr std::size_t kHeaders = 54, kSegment = 500;

Bytes make_frame(unsigned flow, std::size_t payload) {
  Bytes frame = PacketBuilder().ip4("10.20.0.0", "10.30.0.1").tcp(0, 443).payload(payload).build();
  const std::uint32_t source = htonl(0x0a140000 + (flow >> 8));
  std::memcpy(&frame[26], &source, sizeof source);
  const auto port = htons(static_cast<std::uint16_t>(1024 + (flow & 0xff)));
  std::memcpy(&frame[34], &port, sizeof port);
  return frame;
}

}  // namespace

SocketSender::SocketSender(std::string interface, unsigned flows) : interface_(std::move(interface)), flows_(flows) {
  for (const bool merged : {false, true}) {
    const int cpu = merged && std::thread::hardware_concurrency() > 1;
    threads_.emplace_back([this, cpu, merged] { send_frames(cpu, merged); });
  }
}

void SocketSender::send_frames(int cpu, bool merged) {
  pin_to_cpu(cpu);
  const FrameSocket socket(interface_.c_str());
  std::minstd_rand random(static_cast<unsigned>(cpu + 1));
  while (!stopped_ && !testing::Test::HasFailure()) {
    const std::size_t payload = merged ? kSegment + random() % (40 * kSegment - kSegment) : random() % 1400;
    const Bytes frame = make_frame(static_cast<unsigned>(random() % flows_), payload);
    socket.send(frame, kHeaders, merged ? kSegment : 0, 0);
    const std::uint64_t packets = merged ? (payload + kSegment - 1) / kSegment : 1;
    packets_ += packets;
    bytes_ += frame.size() + (packets - 1) * kHeaders;
  }
}

}  // namespace weir::test
