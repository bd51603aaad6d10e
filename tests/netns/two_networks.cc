#include "netns/two_networks.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "sensor/table_reader.h"
#include "support/private_network.h"

namespace weir::test {
namespace {

/// struct virtio_net_hdr; the kernel's header names a member `class`, which no C++ compiler takes.
struct VirtualMachineHeader {
  std::uint8_t flags = 0, gso_type = 0;
  std::uint16_t hdr_len = 0, gso_size = 0, csum_start = 0, csum_offset = 0;
};
constexpr std::uint8_t kNeedsChecksum = 1, kGsoTcp4 = 1;  // VIRTIO_NET_HDR_F_NEEDS_CSUM, VIRTIO_NET_HDR_GSO_TCPV4

UniqueFd open_network() { return UniqueFd(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)); }

}  // namespace

std::string output_of(const std::string& command) {
  std::string out;
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  EXPECT_NE(pipe, nullptr) << command;
  if (pipe == nullptr) return out;
  std::array<char, 512> line{};
  while (std::fgets(line.data(), line.size(), pipe) != nullptr) out += line.data();
  pclose(pipe);
  return out;
}

OtherNetwork::OtherNetwork() {
  const UniqueFd back = open_network();
  EXPECT_EQ(unshare(CLONE_NEWNET), 0) << std::strerror(errno);
  network_ = open_network();
  run("ip link set lo up && sysctl -qw net.ipv6.conf.default.disable_ipv6=1");
  EXPECT_EQ(setns(back.get(), CLONE_NEWNET), 0) << std::strerror(errno);
}

std::string OtherNetwork::path() const {
  return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(network_.get());
}

OtherNetwork::Inside::Inside(const OtherNetwork& other) : back(open_network()) {
  EXPECT_EQ(setns(other.network_.get(), CLONE_NEWNET), 0) << std::strerror(errno);
}

OtherNetwork::Inside::~Inside() { EXPECT_EQ(setns(back.get(), CLONE_NEWNET), 0) << std::strerror(errno); }

Watch::Watch(const std::string& interface, XdpMode mode, EgressMode egress, TcWay way) {
  auto meter = FlowMeter::load({.size = kSize, .samples_per_second = 0});
  EXPECT_TRUE(meter) << meter.error().what;
  if (!meter) return;
  meter_ = std::move(*meter);
  auto attachment = attach(*meter_, interface, mode);
  EXPECT_TRUE(attachment) << attachment.error().what;
  if (!attachment) return;
  attachment_ = std::move(*attachment);
  refresh_frame_limit(*meter_, 0, *attachment_);
  const auto leaving = watch_departures(*meter_, 0, egress, InterfaceRole::kNone, 1, *attachment_, way);
  EXPECT_TRUE(leaving) << leaving.error().what;
}

const Snapshot& Watch::read() {
  for (int generation = 0; generation < 2; ++generation) {
    const auto quiet = meter_->flip();
    EXPECT_TRUE(quiet) << quiet.error().what;
    if (quiet) drain_generation(meter_->tables(), *quiet, StampClock(0, 0), all_);
  }
  EXPECT_TRUE(all_.totals.is_conserved());
  return all_;
}

FrameSocket::FrameSocket(const char* interface) : socket_(::socket(AF_PACKET, SOCK_RAW, 0)) {
  EXPECT_TRUE(socket_) << std::strerror(errno);
  const int yes = 1;
  EXPECT_EQ(setsockopt(socket_.get(), SOL_PACKET, PACKET_VNET_HDR, &yes, sizeof yes), 0) << std::strerror(errno);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = static_cast<int>(if_nametoindex(interface));  // no protocol: it is to send, not to receive
  EXPECT_EQ(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0) << std::strerror(errno);
}

void FrameSocket::send(const Bytes& frame, std::uint16_t headers, std::uint16_t segment_payload,
                       std::uint16_t linear) const {
  VirtualMachineHeader header;
  header.hdr_len = segment_payload != 0 ? headers : linear;
  if (segment_payload != 0) {
    header.flags = kNeedsChecksum;
    header.gso_type = kGsoTcp4;
    header.gso_size = segment_payload;
    header.csum_start = ETH_HLEN + 20;
    header.csum_offset = 16;
  }
  Bytes whole(sizeof header + frame.size());
  std::memcpy(whole.data(), &header, sizeof header);
  std::memcpy(whole.data() + sizeof header, frame.data(), frame.size());
  const ssize_t sent = ::send(socket_.get(), whole.data(), whole.size(), 0);
  EXPECT_TRUE(sent == static_cast<ssize_t>(whole.size()) || errno == ENOBUFS) << std::strerror(errno);
}

void send_merged(const char* interface, const Bytes& frame, std::uint16_t headers, std::uint16_t segment_payload,
                 std::uint16_t linear) {
  FrameSocket(interface).send(frame, headers, segment_payload, linear);
}

}  // namespace weir::test
