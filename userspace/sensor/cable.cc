#include "sensor/cable.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/unique_fd.h"

namespace weir {
namespace {

struct Close {
  void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
};

using Space = std::array<char, 4096>;

nlmsghdr* put_veth(Space& space, const std::string& here_name, const std::string& there_name, int there) {
  nlmsghdr* message = mnl_nlmsg_put_header(space.data());
  message->nlmsg_type = RTM_NEWLINK;
  message->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;
  mnl_nlmsg_put_extra_header(message, sizeof(ifinfomsg));
  mnl_attr_put_strz(message, IFLA_IFNAME, here_name.c_str());
  nlattr* about = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_KIND, "veth");
  nlattr* data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
  nlattr* peer = mnl_attr_nest_start(message, VETH_INFO_PEER);
  mnl_nlmsg_put_extra_header(message, sizeof(ifinfomsg));
  mnl_attr_put_strz(message, IFLA_IFNAME, there_name.c_str());
  mnl_attr_put_u32(message, IFLA_NET_NS_FD, static_cast<std::uint32_t>(there));
  for (nlattr* nest : {peer, data, about}) mnl_attr_nest_end(message, nest);
  return message;
}

template <class Field>
int set_address(int socket, unsigned long request, ifreq asked, Field field, std::uint32_t network_order) {
  auto* in = reinterpret_cast<sockaddr_in*>(field(asked));
  in->sin_family = AF_INET;
  in->sin_addr.s_addr = network_order;
  return ioctl(socket, request, &asked);
}

}  // namespace

Result<void> lay_cable(const std::string& here_name, const std::string& there_name, int there) {
  const std::unique_ptr<mnl_socket, Close> socket(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC));
  if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0)
    return fail(errno, std::string("open netlink: ") + std::strerror(errno));
  alignas(nlmsghdr) Space space{};
  nlmsghdr* message = put_veth(space, here_name, there_name, there);
  if (mnl_socket_sendto(socket.get(), message, message->nlmsg_len) < 0)
    return fail(errno, std::string("ask netlink: ") + std::strerror(errno));
  const ssize_t got = mnl_socket_recvfrom(socket.get(), space.data(), space.size());
  if (got < 0 || mnl_cb_run(space.data(), static_cast<std::size_t>(got), 0, 0, nullptr, nullptr) < 0)
    return fail(errno, std::string("make a veth: ") + std::strerror(errno));
  return {};
}

Result<void> bring_up(const std::string& interface, const std::string& address) {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq asked{};
  interface.copy(asked.ifr_name, sizeof asked.ifr_name - 1);
  int done = 0;
  if (!address.empty()) {
    done = set_address(
        socket.get(), SIOCSIFADDR, asked, [](ifreq& r) { return &r.ifr_addr; }, inet_addr(address.c_str()));
    if (done == 0)
      done = set_address(
          socket.get(), SIOCSIFNETMASK, asked, [](ifreq& r) { return &r.ifr_netmask; }, htonl(0xffffff00));
  }
  if (done == 0) done = ioctl(socket.get(), SIOCGIFFLAGS, &asked);
  asked.ifr_flags = static_cast<short>(asked.ifr_flags | IFF_UP);
  if (done == 0) done = ioctl(socket.get(), SIOCSIFFLAGS, &asked);
  if (done != 0) return fail(errno, interface + ": bring up: " + std::strerror(errno));
  return {};
}

}  // namespace weir
