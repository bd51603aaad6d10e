#include "netns/live_sender.h"

#include <bpf/bpf.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <net/if.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "netns/sender_abi.h"
//
#include "sender.skel.h"
#include "support/packet_builder.h"
#include "support/private_network.h"

namespace weir::test {
namespace {

constexpr std::uint64_t kPortion = 100'000;  // of packets in one system call
constexpr std::uint32_t kBatch = 64;         // a veth's ring holds 256

Bytes template_frame(bool is_v6) {
  PacketBuilder b;
  is_v6 ? b.ip6("2001:db8::1", "2001:db8:1::1") : b.ip4("10.0.0.0", "192.168.1.1");
  const std::size_t headers = is_v6 ? 74 : 54;
  return b.tcp(0, 443).payload(SENDER_FRAME - headers).build();
}

/// The number behind `name`, if the line is a queue's count of that name.
std::uint64_t value_of(const char* line, const char* name) {
  const char* found = std::strstr(line, name);
  return found != nullptr ? std::strtoull(found + std::strlen(name), nullptr, 10) : 0;
}

}  // namespace

DeviceCounts read_device(const std::string& interface) {
  DeviceCounts out;
  std::FILE* pipe = popen(("ethtool -S " + interface).c_str(), "r");
  EXPECT_NE(pipe, nullptr);
  if (pipe == nullptr) return out;
  std::array<char, 256> line{};
  while (std::fgets(line.data(), line.size(), pipe) != nullptr) {
    out.received_packets += value_of(line.data(), "_xdp_packets: ");
    out.received_bytes += value_of(line.data(), "_xdp_bytes: ");
    out.sent_packets += value_of(line.data(), "_xdp_xmit: ");
    out.refused_packets += value_of(line.data(), "_xdp_xmit_errors: ");
  }
  EXPECT_EQ(pclose(pipe), 0) << "ethtool -S " << interface;
  return out;
}

void LiveSender::Unload::operator()(sender* program) const { sender__destroy(program); }

LiveSender::LiveSender(const std::string& interface, const Traffic& traffic) : program_(sender__open_and_load()) {
  EXPECT_NE(program_, nullptr) << std::strerror(errno);
  if (!program_) return;
  const int cpus = std::min<int>(SENDER_CPUS, static_cast<int>(std::thread::hardware_concurrency()));
  for (int cpu = 0; cpu < cpus; ++cpu) {
    sender_lane& lane = program_->data_lanes->lanes[cpu];
    lane.random = 88172645463325252ULL + static_cast<unsigned>(cpu);
    lane.flow_mask = traffic.flows - 1;
    lane.every_new = traffic.every_packet_new;
    lane.ifindex = if_nametoindex(interface.c_str());
    lane.is_v6 = cpu == 1;
  }
  running_ = cpus;
  for (int cpu = 0; cpu < cpus; ++cpu) threads_.emplace_back([this, cpu, traffic] { send(cpu, traffic.packets); });
}

LiveSender::~LiveSender() { join(); }

void LiveSender::join() { threads_.clear(); }

void LiveSender::send(int cpu, std::uint64_t packets) {
  pin_to_cpu(cpu);
  const Bytes frame = template_frame(program_->data_lanes->lanes[cpu].is_v6 != 0);
  while (packets > 0 && !stopped_) {
    bpf_test_run_opts run{};
    run.sz = sizeof run;
    run.data_in = frame.data();
    run.data_size_in = static_cast<__u32>(frame.size());
    run.repeat = static_cast<int>(std::min(packets, kPortion));
    run.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
    run.batch_size = kBatch;
    if (bpf_prog_test_run_opts(bpf_program__fd(program_->progs.send_live), &run) != 0) {
      if (errno == EINTR) continue;  // a child of the test has ended; the program has counted what it sent so far
      ADD_FAILURE() << "send: " << std::strerror(errno);
      break;
    }
    packets -= static_cast<std::uint64_t>(run.repeat);
  }
  --running_;
}

std::uint64_t LiveSender::sum(std::uint64_t (*of)(const sender_lane&)) const {
  std::uint64_t all = 0;
  if (program_)
    for (const sender_lane& lane : program_->data_lanes->lanes) all += of(lane);
  return all;
}

std::uint64_t LiveSender::packets() const {
  return sum([](const sender_lane& lane) -> std::uint64_t { return lane.packets; });
}
std::uint64_t LiveSender::bytes() const {
  return sum([](const sender_lane& lane) -> std::uint64_t { return lane.bytes; });
}
std::uint64_t LiveSender::not_ip() const {
  return sum([](const sender_lane& lane) -> std::uint64_t { return lane.not_ip; });
}

}  // namespace weir::test
