#include "netns/two_networks.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <thread>

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

namespace {

struct SocketAddress {
  SocketAddress(const char* text, std::uint16_t port) {
    const bool is_v6 = std::strchr(text, ':') != nullptr;
    any.ss_family = is_v6 ? AF_INET6 : AF_INET;
    auto* v4 = reinterpret_cast<sockaddr_in*>(&any);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&any);
    v4->sin_port = htons(port);  // where IPv6 has it too
    EXPECT_EQ(inet_pton(any.ss_family, text, is_v6 ? static_cast<void*>(&v6->sin6_addr) : &v4->sin_addr), 1) << text;
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&any); }

  sockaddr_storage any{};
};

void send_all(int socket, std::size_t size) {
  const Bytes data(size, 'w');
  for (std::size_t sent = 0; sent < size;) {
    const ssize_t n = send(socket, data.data() + sent, size - sent, MSG_NOSIGNAL);
    ASSERT_GT(n, 0) << std::strerror(errno);
    sent += static_cast<std::size_t>(n);
  }
}

std::size_t receive_all(int socket) {
  Bytes data(65536);
  std::size_t all = 0;
  for (ssize_t n = 0; (n = recv(socket, data.data(), data.size(), 0)) > 0;) all += static_cast<std::size_t>(n);
  return all;
}

}  // namespace

void transfer(const OtherNetwork& there, const char* address, std::uint16_t port, std::size_t up, std::size_t down) {
  const SocketAddress server_address(address, port);
  const int family = server_address.any.ss_family;
  const UniqueFd listening = there.run_inside([family] { return UniqueFd(socket(family, SOCK_STREAM, 0)); });
  ASSERT_EQ(bind(listening.get(), server_address.get(), sizeof server_address.any), 0) << std::strerror(errno);
  ASSERT_EQ(listen(listening.get(), 1), 0);
  std::jthread server([&] {
    const UniqueFd client(accept(listening.get(), nullptr, nullptr));
    EXPECT_EQ(receive_all(client.get()), up);
    send_all(client.get(), down);
  });
  const UniqueFd client(socket(family, SOCK_STREAM, 0));
  ASSERT_EQ(connect(client.get(), server_address.get(), sizeof server_address.any), 0) << std::strerror(errno);
  send_all(client.get(), up);
  shutdown(client.get(), SHUT_WR);
  EXPECT_EQ(receive_all(client.get()), down);
}

Watch::Watch(const std::string& interface, XdpMode mode, EgressMode egress, TcWay way, const std::vector<Tunnel>& opened) {
  auto meter = FlowMeter::load({.size = kSize, .samples_per_second = 0, .decapsulate = opened});
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
