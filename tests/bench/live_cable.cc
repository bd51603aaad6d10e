#include "bench/live_cable.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "bench/bench_abi.h"
#include "support/private_network.h"

namespace weir::test {
namespace {

constexpr int kPortion = 50'000;      // packets of one system call
constexpr std::uint32_t kBatch = 64;  // a veth's ring holds 256
constexpr std::size_t kFrameBytes = 64;

/// On-CPU time of all ksoftirqd threads, from /proc/PID/schedstat.
double ksoftirqd_ns() {
  double sum = 0;
  for (const auto& process : std::filesystem::directory_iterator("/proc")) {
    std::string name;
    if (!(std::ifstream(process.path() / "comm") >> name) || !name.starts_with("ksoftirqd/")) continue;
    double ns = 0;
    if (std::ifstream(process.path() / "schedstat") >> ns) sum += ns;
  }
  return sum;
}

void must(const std::string& command) {
  if (std::system((command + " >&2").c_str()) != 0) throw std::runtime_error("failed: " + command);
}

/// Sum of the counts whose names end in `name`, over all queues.
std::uint64_t device_count(const std::string& device, const std::string& name) {
  std::FILE* pipe = popen(("ethtool -S " + device).c_str(), "r");
  if (pipe == nullptr) give_up("ethtool");
  std::uint64_t sum = 0;
  std::array<char, 256> line{};
  while (std::fgets(line.data(), line.size(), pipe) != nullptr)
    if (const char* found = std::strstr(line.data(), (name + ": ").c_str()))
      sum += std::strtoull(found + name.size() + 2, nullptr, 10);
  if (pclose(pipe) != 0) throw std::runtime_error("ethtool -S " + device + " failed");
  return sum;
}

std::string sending_end(const std::string& name) { return "to_" + name; }

}  // namespace

std::uint64_t received_packets(const std::string& name) { return device_count(name, "_xdp_packets"); }

LiveCable::LiveCable()
    : wrapper_(false), frame_(PacketBuilder().ip4("10.0.0.0", "192.168.1.1").tcp(0, 443).pad_to(kFrameBytes).build()) {
  std::jthread([this] {
    if (unshare(CLONE_NEWNET) == 0) senders_ = UniqueFd(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  }).join();
  if (!senders_) give_up("make a namespace for the sender");
  in_senders_namespace([] { must("sysctl -qw net.ipv6.conf.default.disable_ipv6=1"); });  // a device speaks by itself else
}

void LiveCable::in_senders_namespace(const std::function<void()>& work) const {
  std::exception_ptr problem;
  std::jthread([&] {
    try {
      if (setns(senders_.get(), CLONE_NEWNET) != 0) give_up("enter the sender's namespace");
      work();
    } catch (...) {
      problem = std::current_exception();
    }
  }).join();
  if (problem) std::rethrow_exception(problem);
}

void LiveCable::lay(const std::string& name) {
  const std::string end = sending_end(name);
  make_veth(name, end);
  must("ip link set " + end + " netns /proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(senders_.get()));
  in_senders_namespace([&] { must("ip link set " + end + " arp off up"); });
}

Sent LiveCable::send(const std::string& name, std::uint32_t flows, std::uint64_t packets) {
  return send(name, flows, [packets](std::uint64_t sent) { return sent >= packets; });
}

Sent LiveCable::send(const std::string& name, std::uint32_t flows, const std::function<bool(std::uint64_t)>& is_enough) {
  Sent sent;
  in_senders_namespace([&] {
    pin_to_cpu(kSenderCpu);
    bench_knobs& knobs = wrapper_.knobs();
    knobs.flow_mask = flows - 1;
    knobs.ifindex = if_nametoindex(sending_end(name).c_str());
    knobs.sent = 0;
    const std::uint64_t refused_before = device_count(sending_end(name), "_xdp_xmit_errors");
    const double before = thread_cpu_ns() + ksoftirqd_ns();
    while (!is_enough(knobs.sent)) {
      bpf_test_run_opts run{};
      run.sz = sizeof run;
      run.data_in = frame_.data();
      run.data_size_in = static_cast<__u32>(frame_.size());
      run.repeat = kPortion;
      run.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
      run.batch_size = kBatch;
      if (bpf_prog_test_run_opts(wrapper_.send_mixed(), &run) != 0) give_up("send");
    }
    sent.cpu_ns = thread_cpu_ns() + ksoftirqd_ns() - before;
    sent.refused = device_count(sending_end(name), "_xdp_xmit_errors") - refused_before;
    sent.packets = knobs.sent - sent.refused;
  });
  return sent;
}

}  // namespace weir::test
