#include "sensor/tc_dump.h"

#include <linux/netlink.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/unique_fd.h"

namespace weir {
namespace {

constexpr std::size_t kBuffer = 32768;  // the kernel fills at most this much per answer (netlink_dump())

[[nodiscard]] Result<UniqueFd> send_request(int ifindex, TcHook hook) {
  struct {
    nlmsghdr header;
    tcmsg tc;
  } request{};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = RTM_GETTFILTER;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.tc.tcm_family = AF_UNSPEC;
  request.tc.tcm_ifindex = ifindex;
  request.tc.tcm_parent = TC_H_MAKE(TC_H_CLSACT, hook == TcHook::kIngress ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS);
  UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!socket) return fail(errno, std::string("list tc filters: ") + std::strerror(errno));
  if (send(socket.get(), &request, sizeof request, 0) < 0)
    return fail(errno, std::string("list tc filters: ") + std::strerror(errno));
  return socket;
}

/// Calls visit(type, attribute) for each attribute in `size` bytes.
template <class Visit>
void for_each_attribute(const rtattr* attribute, std::size_t size, Visit visit) {
  auto left = static_cast<int>(size);
  for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) visit(attribute->rta_type, attribute);
}

std::string text_of(const rtattr* attribute) {
  const auto* text = static_cast<const char*>(RTA_DATA(attribute));
  return {text, strnlen(text, RTA_PAYLOAD(attribute))};
}

TcFilter read_filter(const nlmsghdr* message) {
  const auto* tc = static_cast<const tcmsg*>(NLMSG_DATA(message));
  TcFilter out;
  out.handle = tc->tcm_handle;
  out.priority = TC_H_MAJ(tc->tcm_info) >> 16;
  for_each_attribute(TCA_RTA(tc), NLMSG_PAYLOAD(message, sizeof *tc), [&](unsigned type, const rtattr* attribute) {
    if (type == TCA_KIND) out.kind = text_of(attribute);
    if (type != TCA_OPTIONS) return;
    const auto* inner = static_cast<const rtattr*>(RTA_DATA(attribute));
    for_each_attribute(inner, RTA_PAYLOAD(attribute), [&](unsigned inner_type, const rtattr* option) {
      if (inner_type == TCA_BPF_NAME) out.name = text_of(option);
    });
  });
  return out;
}

}  // namespace

Result<std::vector<TcFilter>> dump_tc_filters(int ifindex, TcHook hook) {
  const auto socket = send_request(ifindex, hook);
  if (!socket) return tl::make_unexpected(socket.error());
  std::vector<TcFilter> out;
  alignas(nlmsghdr) std::array<char, kBuffer> buffer;
  while (true) {
    const ssize_t received = recv(socket->get(), buffer.data(), buffer.size(), 0);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) return fail(errno, std::string("list tc filters: ") + std::strerror(errno));
    auto left = static_cast<std::size_t>(received);
    for (const auto* m = reinterpret_cast<const nlmsghdr*>(buffer.data()); NLMSG_OK(m, left); m = NLMSG_NEXT(m, left)) {
      if (m->nlmsg_type == NLMSG_DONE) return out;
      if (m->nlmsg_type == NLMSG_ERROR) {
        const int error = -static_cast<const nlmsgerr*>(NLMSG_DATA(m))->error;
        if (error == EOPNOTSUPP) return out;  // a kernel without traffic control
        return fail(error, std::string("list tc filters: ") + std::strerror(error));
      }
      if (m->nlmsg_type == RTM_NEWTFILTER) out.push_back(read_filter(m));
    }
  }
}

}  // namespace weir
