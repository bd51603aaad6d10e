#include "support/private_network.h"

#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace weir::test {
namespace {

ino_t network_of(const char* process) {
  struct stat found {};
  const std::string path = std::string("/proc/") + process + "/ns/net";
  return stat(path.c_str(), &found) == 0 ? found.st_ino : 0;
}

}  // namespace

bool is_root() { return geteuid() == 0; }

void run(const std::string& command) {
  std::string said;
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  ASSERT_NE(pipe, nullptr) << command;
  std::array<char, 512> line{};
  while (std::fgets(line.data(), line.size(), pipe) != nullptr) said += line.data();
  ASSERT_EQ(pclose(pipe), 0) << command << ": " << said;
}

void pin_to_cpu(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  ASSERT_EQ(sched_setaffinity(0, sizeof set, &set), 0) << "CPU " << cpu << ": " << std::strerror(errno);
}

void enter_private_network() {
  const ino_t before = network_of("self");
  ASSERT_EQ(unshare(CLONE_NEWNET), 0) << std::strerror(errno);
  const ino_t now = network_of("self");
  ASSERT_TRUE(now != 0 && now != before && now != network_of("1")) << "still in the machine's own network namespace";
  run("ip link set lo up");
}

void make_veth(const std::string& one, const std::string& other, int queues, int mtu) {
  const std::string n = std::to_string(queues);
  const std::string size = "numrxqueues " + n + " numtxqueues " + n + " mtu " + std::to_string(mtu);
  run("sysctl -qw net.ipv6.conf.default.disable_ipv6=1");
  run("ip link add " + one + " " + size + " type veth peer name " + other + " " + size);
  for (const std::string& end : {one, other}) run("ip link set " + end + " arp off up");
}

}  // namespace weir::test
