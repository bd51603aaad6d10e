#include "daemon/port_scan.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/unique_fd.h"

namespace weir {
namespace {

constexpr std::uint16_t kPorts = 200;
constexpr int kPatience_ms = 1000;  // for a refusal

/// Until each is refused.
void await_answers(const std::vector<UniqueFd>& sockets) {
  for (const UniqueFd& socket : sockets) {
    pollfd answered{socket.get(), POLLOUT, 0};
    poll(&answered, 1, kPatience_ms);
  }
}

}  // namespace

Result<void> scan_ports(const std::string& address) {
  std::vector<UniqueFd> sockets;
  for (std::uint16_t port = 1; port <= kPorts; ++port) {
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return fail(errno, std::string("open a socket: ") + std::strerror(errno));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = inet_addr(address.c_str());
    if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS &&
        errno != ECONNREFUSED)
      return fail(errno, "connect to " + address + ": " + std::strerror(errno));
    sockets.push_back(std::move(socket));
  }
  await_answers(sockets);
  return {};
}

}  // namespace weir
