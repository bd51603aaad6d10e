#include "sensor/device.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/unique_fd.h"

namespace weir {
namespace {

constexpr std::uint32_t kEthernetHeader = 14, kVlanTags = 2 * 4;

[[nodiscard]] Result<ifreq> ask(unsigned long request, const std::string& interface, void* data = nullptr) {
  ifreq out{};
  interface.copy(out.ifr_name, sizeof out.ifr_name - 1);
  if (data != nullptr) out.ifr_data = static_cast<char*>(data);
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket || ioctl(socket.get(), request, &out) != 0) return fail(errno, interface + ": " + std::strerror(errno));
  return out;
}

[[nodiscard]] Result<void> set_gro(const std::string& interface, bool on) {
  ethtool_value value{ETHTOOL_SGRO, on};
  if (auto set = ask(SIOCETHTOOL, interface, &value); !set) return fail(set.error(), "switch GRO");
  return {};
}

}  // namespace

Result<void> require_ethernet(const std::string& interface) {
  const auto kind = ask(SIOCGIFHWADDR, interface);
  if (!kind) return tl::make_unexpected(kind.error());
  const unsigned type = kind->ifr_hwaddr.sa_family;
  if (type == ARPHRD_ETHER || type == ARPHRD_LOOPBACK) return {};
  return fail(EOPNOTSUPP, interface + ": its packets have no Ethernet header (link type " + std::to_string(type) +
                              ", as tun, ppp and wireguard have none); watch the interface that carries it");
}

std::string driver_of(const std::string& interface) {
  ethtool_drvinfo about{};
  about.cmd = ETHTOOL_GDRVINFO;
  if (!ask(SIOCETHTOOL, interface, &about)) return "";
  return {about.driver, strnlen(about.driver, sizeof about.driver)};
}

Result<std::uint32_t> longest_frame(const std::string& interface) {
  const auto mtu = ask(SIOCGIFMTU, interface);
  if (!mtu) return tl::make_unexpected(mtu.error());
  return static_cast<std::uint32_t>(mtu->ifr_mtu) + kEthernetHeader + kVlanTags;
}

Result<bool> is_gro_on(const std::string& interface) {
  ethtool_value value{ETHTOOL_GGRO, 0};
  if (auto got = ask(SIOCETHTOOL, interface, &value); !got) return fail(got.error(), "read GRO");
  return value.data != 0;
}

Result<GroOff> GroOff::start(const std::string& interface) {
  const auto was_on = is_gro_on(interface);
  if (!was_on) return tl::make_unexpected(was_on.error());
  GroOff out;
  if (!*was_on) return out;
  if (auto off = set_gro(interface, false); !off) return tl::make_unexpected(off.error());
  out.ifindex_ = static_cast<int>(if_nametoindex(interface.c_str()));
  return out;
}

GroOff::~GroOff() {
  std::array<char, IF_NAMESIZE> name{};
  if (ifindex_ == 0 || if_indextoname(static_cast<unsigned>(ifindex_), name.data()) == nullptr) return;
  static_cast<void>(set_gro(name.data(), true));  // it may have gone meanwhile
}

}  // namespace weir
