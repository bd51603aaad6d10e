#include "sensor/link_monitor.h"

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace weir {
namespace {

constexpr std::size_t kMessageBytes = 64 << 10;  // a device with many virtual functions fills more than a page
constexpr int kListTries = 5;

/// Devices whose frames are the very frames of the device below. A tunnel is none: what arrives on it is another packet. A
/// veth's IFLA_LINK is its peer: that is a cable, not a stack.
constexpr std::array<std::string_view, 7> kStackedKinds = {"vlan",   "macvlan", "macvtap", "ipvlan",
                                                           "ipvtap", "macsec",  "dsa"};

[[nodiscard]] tl::unexpected<Error> netlink_failed(int error, const char* step) {
  return fail(error, std::string("list the interfaces: ") + step + ": " + std::strerror(error));
}

using Attributes = std::array<const nlattr*, IFLA_MAX + 1>;

int keep_attribute(const nlattr* attribute, void* to) {
  const std::uint16_t type = mnl_attr_get_type(attribute);
  if (type <= IFLA_MAX) (*static_cast<Attributes*>(to))[type] = attribute;
  return MNL_CB_OK;
}

std::string kind_of(const nlattr* link_info) {
  Attributes inner{};
  if (link_info != nullptr) mnl_attr_parse_nested(link_info, keep_attribute, &inner);
  return inner[IFLA_INFO_KIND] != nullptr ? mnl_attr_get_str(inner[IFLA_INFO_KIND]) : "";
}

int index_in(const nlattr* attribute) { return attribute != nullptr ? static_cast<int>(mnl_attr_get_u32(attribute)) : 0; }

Link read_link(const nlmsghdr& message) {
  const auto& head = *static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(&message));
  Attributes attributes{};
  mnl_attr_parse(&message, sizeof head, keep_attribute, &attributes);
  Link link;
  link.index = head.ifi_index;
  link.is_loopback = (head.ifi_flags & IFF_LOOPBACK) != 0;
  if (attributes[IFLA_IFNAME] != nullptr) link.name = mnl_attr_get_str(attributes[IFLA_IFNAME]);
  link.kind = kind_of(attributes[IFLA_LINKINFO]);
  link.master = index_in(attributes[IFLA_MASTER]);
  const bool is_stacked = std::find(kStackedKinds.begin(), kStackedKinds.end(), link.kind) != kStackedKinds.end();
  // With a namespace beside it the index is another namespace's.
  if (is_stacked && attributes[IFLA_LINK_NETNSID] == nullptr) link.lower = index_in(attributes[IFLA_LINK]);
  return link;
}

/// Calls `take` for each message of a batch; an error that the batch reports is errno.
template <class Take>
int for_each_message(const std::vector<char>& batch, std::size_t size, Take&& take) {
  const auto call = [](const nlmsghdr* message, void* to) -> int {
    (*static_cast<std::remove_reference_t<Take>*>(to))(*message);
    return MNL_CB_OK;
  };
  return mnl_cb_run(batch.data(), size, 0, 0, call, &take);
}

}  // namespace

void LinkMonitor::Close::operator()(mnl_socket* socket) const { mnl_socket_close(socket); }

Result<LinkMonitor> LinkMonitor::open(int receive_bytes) {
  LinkMonitor monitor(Socket(mnl_socket_open2(NETLINK_ROUTE, SOCK_NONBLOCK | SOCK_CLOEXEC)));
  mnl_socket* socket = monitor.notices_.get();
  if (socket == nullptr) return netlink_failed(errno, "open netlink");
  if (receive_bytes != 0) setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  // Notices first, the list second: what changes in between is told twice, not never.
  if (mnl_socket_bind(socket, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR, MNL_SOCKET_AUTOPID) < 0)
    return netlink_failed(errno, "subscribe");
  if (auto listed = monitor.list_all(); !listed) return tl::make_unexpected(listed.error());
  return monitor;
}

Result<void> LinkMonitor::list_all() {
  // A socket of its own, so that answers and notices do not mix.
  const Socket socket(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC));
  if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0) return netlink_failed(errno, "open netlink");
  std::vector<char> batch(kMessageBytes);
  for (int tries = 0; tries < kListTries; ++tries) {
    alignas(nlmsghdr) std::array<char, 256> space{};
    nlmsghdr* request = mnl_nlmsg_put_header(space.data());
    request->nlmsg_type = RTM_GETLINK;
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    mnl_nlmsg_put_extra_header(request, sizeof(ifinfomsg));
    mnl_attr_put_u32(request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    if (mnl_socket_sendto(socket.get(), request, request->nlmsg_len) < 0) return netlink_failed(errno, "ask");

    std::map<int, Link> before = std::exchange(links_, {});
    for (int more = MNL_CB_OK; more > MNL_CB_STOP;) {
      const ssize_t got = mnl_socket_recvfrom(socket.get(), batch.data(), batch.size());
      more = got < 0 ? MNL_CB_ERROR
                     : for_each_message(batch, static_cast<std::size_t>(got), [this](const nlmsghdr& m) { take(m); });
      if (more == MNL_CB_STOP) return keep_births(before), Result<void>{};
    }
    links_ = std::move(before);
    if (errno != EINTR) break;  // the list changed while it was read: once more
  }
  return netlink_failed(errno, "read the list");
}

void LinkMonitor::keep_births(const std::map<int, Link>& before) {
  for (auto& [index, link] : links_)
    if (const auto known = before.find(index); known != before.end()) link.birth = known->second.birth;
}

void LinkMonitor::take(const nlmsghdr& message) {
  if (message.nlmsg_type != RTM_NEWLINK && message.nlmsg_type != RTM_DELLINK) return;
  // A bridge tells of its ports in the same words: a port that leaves it is "deleted", but still there.
  if (static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(&message))->ifi_family != AF_UNSPEC) return;
  Link link = read_link(message);
  if (message.nlmsg_type == RTM_DELLINK) {
    links_.erase(link.index);
    return;
  }
  const auto known = links_.find(link.index);
  link.birth = known != links_.end() ? known->second.birth : ++births_;
  links_[link.index] = std::move(link);
}

Result<bool> LinkMonitor::read_until_empty(bool& lost) {
  std::vector<char> batch(kMessageBytes);
  bool changed = false;
  for (;;) {
    const ssize_t got = mnl_socket_recvfrom(notices_.get(), batch.data(), batch.size());
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return changed;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno != ENOBUFS && errno != ENOSPC) return netlink_failed(errno, "read notices");
    changed = true;
    if (got < 0) {
      lost = true;
      continue;
    }
    for_each_message(batch, static_cast<std::size_t>(got), [this](const nlmsghdr& m) { take(m); });
  }
}

Result<bool> LinkMonitor::read_changes() {
  bool lost = false;
  const auto changed = read_until_empty(lost);
  if (!changed) return tl::make_unexpected(changed.error());
  if (lost) ++resyncs_;
  is_stale_ = is_stale_ || lost;
  if (!is_stale_) return *changed;
  if (auto listed = list_all(); !listed) return tl::make_unexpected(listed.error());
  is_stale_ = false;
  return true;
}

std::vector<Link> LinkMonitor::links() const {
  std::vector<Link> out;
  for (const auto& [index, link] : links_) out.push_back(link);
  return out;
}

}  // namespace weir
