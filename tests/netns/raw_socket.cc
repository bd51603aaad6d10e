#include "netns/raw_socket.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/unique_fd.h"

namespace weir::test {

void send_frames(const char* interface, const std::vector<Bytes>& frames) {
  const UniqueFd socket(::socket(AF_PACKET, SOCK_RAW, 0));
  ASSERT_TRUE(socket) << std::strerror(errno);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(if_nametoindex(interface));
  ASSERT_EQ(bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0) << std::strerror(errno);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    ASSERT_EQ(send(socket.get(), frames[i].data(), frames[i].size(), 0), static_cast<ssize_t>(frames[i].size()))
        << "frame " << i << ": " << std::strerror(errno);
    if (i % 64 == 63) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

}  // namespace weir::test
