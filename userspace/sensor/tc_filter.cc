#include "sensor/tc_filter.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "sensor/tc_dump.h"

namespace weir {
namespace {

// Numbers of the kernel's ABI since 6.6, which the headers of Debian 12 do not have yet.
constexpr auto kTcxIngress = static_cast<bpf_attach_type>(46), kTcxEgress = static_cast<bpf_attach_type>(47);
constexpr std::uint32_t kTcxLink = 11;     // BPF_LINK_TYPE_TCX
constexpr std::uint32_t kBefore = 1 << 3;  // BPF_F_BEFORE; without a relative: at the head

// Where our clsact filters are, so that a later process finds them. First priority: whoever comes before may end the chain.
constexpr std::uint32_t kPriority = 1, kHandle = 0x77656972;
constexpr const char* kNamePrefix = "weir_";

bpf_tc_hook tc_hook(int ifindex, TcHook hook) {
  bpf_tc_hook out{};
  out.sz = sizeof out;
  out.ifindex = ifindex;
  out.attach_point = hook == TcHook::kIngress ? BPF_TC_INGRESS : BPF_TC_EGRESS;
  return out;
}

bool is_ours(const TcFilter& f) {
  return f.kind == "bpf" && f.priority == kPriority && f.handle == kHandle && f.name.rfind(kNamePrefix, 0) == 0;
}

sockaddr_un lock_address(int ifindex, TcHook hook, socklen_t& size) {
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  const std::string name = "weir/tc/" + std::to_string(ifindex) + "/" + tc_hook_name(hook);
  std::copy(name.begin(), name.end(), out.sun_path + 1);  // the first byte stays 0: a name that dies with its owner
  size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  return out;
}

/// Any user may take a name; only root and our own user are believed.
bool is_locked(int ifindex, TcHook hook) {
  socklen_t size = 0;
  const sockaddr_un address = lock_address(ifindex, hook, size);
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int connected = connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), size);
  if (connected != 0) return errno == EAGAIN;  // its queue is full: somebody is there
  ucred peer{};
  socklen_t length = sizeof peer;
  if (getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return true;
  return peer.uid == 0 || peer.uid == geteuid();
}

/// Held while a clsact filter is in use. Network namespaces each have their own names, as they have their own interfaces.
UniqueFd take_lock(int ifindex, TcHook hook) {
  socklen_t size = 0;
  const sockaddr_un address = lock_address(ifindex, hook, size);
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) return {};
  return listen(socket.get(), 16) == 0 ? std::move(socket) : UniqueFd{};
}

[[nodiscard]] Result<void> remove_filter(int ifindex, TcHook hook) {
  const bpf_tc_hook at = tc_hook(ifindex, hook);
  bpf_tc_opts place{};
  place.sz = sizeof place;
  place.handle = kHandle;
  place.priority = kPriority;
  const int error = -bpf_tc_detach(&at, &place);
  if (error == 0 || error == ENOENT || error == ENODEV) return {};
  return fail(error, std::string("remove tc filter: ") + std::strerror(error));
}

[[nodiscard]] Result<std::vector<LeftoverFilter>> remove_leftovers_at(int ifindex, TcHook hook) {
  const auto filters = dump_tc_filters(ifindex, hook);
  if (!filters) return tl::make_unexpected(filters.error());
  const auto ours = std::find_if(filters->begin(), filters->end(), is_ours);
  if (ours == filters->end()) return {};
  if (is_locked(ifindex, hook)) return std::vector<LeftoverFilter>{{hook, ours->name, false}};
  if (auto removed = remove_filter(ifindex, hook); !removed) return tl::make_unexpected(removed.error());
  return std::vector<LeftoverFilter>{{hook, ours->name, true}};
}

/// A device that goes takes its link's index along, but not the link.
bool is_tcx_at(const UniqueFd& link, int ifindex) {
  bpf_link_info about{};
  __u32 size = sizeof about;
  if (!link || bpf_obj_get_info_by_fd(link.get(), &about, &size) != 0 || about.type != kTcxLink) return false;
  return about.xdp.ifindex == static_cast<__u32>(ifindex);  // tcx's stands in the same place
}

bool is_unused(int ifindex) {
  for (const TcHook hook : {TcHook::kIngress, TcHook::kEgress}) {
    const auto filters = dump_tc_filters(ifindex, hook);
    if (!filters || !filters->empty()) return false;
  }
  return true;
}

}  // namespace

Result<std::vector<LeftoverFilter>> remove_leftovers(int ifindex) {
  std::vector<LeftoverFilter> out;
  for (const TcHook hook : {TcHook::kIngress, TcHook::kEgress}) {
    auto removed = remove_leftovers_at(ifindex, hook);
    if (!removed) return removed;
    out.insert(out.end(), removed->begin(), removed->end());
  }
  return out;
}

Result<TcAttachment> TcAttachment::attach(int program, int ifindex, TcHook hook, TcWay way) {
  TcAttachment out;
  out.ifindex_ = ifindex;
  out.hook_ = hook;
  const auto leftovers = remove_leftovers_at(ifindex, hook);  // else it would count everything twice
  if (!leftovers) return tl::make_unexpected(leftovers.error());
  for (const LeftoverFilter& left : *leftovers)
    if (!left.removed) return fail(EBUSY, "tc filter " + left.program + " of another running weir is attached already");
  std::string reason;
  if (way != TcWay::kClsact) {
    bpf_link_create_opts options{};
    options.sz = sizeof options;
    options.flags = kBefore;
    out.link_ = UniqueFd(bpf_link_create(program, ifindex, hook == TcHook::kIngress ? kTcxIngress : kTcxEgress, &options));
    if (out.link_) {
      out.way_ = "tcx";
      return out;
    }
    const int error = errno;
    reason = std::string("tcx: ") + std::strerror(error);
    if (way == TcWay::kTcx) return fail(error, reason);
    reason += ", ";
  }
  if (auto attached = out.attach_clsact(program); !attached)
    return fail(attached.error(), reason.empty() ? "clsact" : reason + "clsact");
  return out;
}

std::optional<TcAttachment> TcAttachment::take_over(int program, int ifindex, TcHook hook, std::vector<Kept>& kept) {
  TcAttachment out;
  out.ifindex_ = ifindex;
  out.hook_ = hook;
  for (Kept& k : kept) {
    if (k.name != out.kept_name() || !is_tcx_at(k.fd, ifindex) || bpf_link_update(k.fd.get(), program, nullptr) != 0)
      continue;
    out.link_ = std::move(k.fd);
    out.way_ = "tcx";
    return out;
  }
  return std::nullopt;
}

void TcAttachment::list_descriptors(std::vector<ToKeep>& out) const {
  if (link_) out.push_back({kept_name(), link_.get()});
}

std::string TcAttachment::kept_name() const {
  return std::string("tcx.") + tc_hook_name(hook_) + "." + std::to_string(ifindex_);
}

Result<void> TcAttachment::attach_clsact(int program) {
  bpf_tc_hook at = tc_hook(ifindex_, hook_);
  lock_ = take_lock(ifindex_, hook_);
  const int made = bpf_tc_hook_create(&at);
  if (made != 0 && made != -EEXIST) return fail(-made, std::strerror(-made));
  made_qdisc_ = made == 0;
  if (const int error = put_filter(program, 0); error != 0)
    return fail(error == EEXIST || error == EINVAL ? EBUSY : error, std::string(std::strerror(error)) + " at priority " +
                                                                        std::to_string(kPriority) +
                                                                        "; `tc filter show dev` lists who is there");
  way_ = "clsact";
  return {};
}

/// An errno, or 0.
int TcAttachment::put_filter(int program, std::uint32_t flags) const {
  const bpf_tc_hook at = tc_hook(ifindex_, hook_);
  bpf_tc_opts options{};
  options.sz = sizeof options;
  options.prog_fd = program;
  options.flags = flags;
  options.handle = kHandle;
  options.priority = kPriority;
  return -bpf_tc_attach(&at, &options);
}

Result<void> TcAttachment::replace(int program) {
  if (way_.empty()) return {};
  const int error = link_ ? -bpf_link_update(link_.get(), program, nullptr) : put_filter(program, BPF_TC_F_REPLACE);
  if (error != 0) return fail(error, std::string("replace tc's program: ") + std::strerror(error));
  return {};
}

TcAttachment::~TcAttachment() {
  if (way_ == "clsact") static_cast<void>(remove_filter(ifindex_, hook_));
  if (!made_qdisc_ || !is_unused(ifindex_)) return;
  bpf_tc_hook both = tc_hook(ifindex_, hook_);
  both.attach_point = static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS);  // that is: the qdisc
  bpf_tc_hook_destroy(&both);
}

void TcAttachment::swap(TcAttachment& other) noexcept {
  std::swap(way_, other.way_);
  std::swap(link_, other.link_);
  std::swap(lock_, other.lock_);
  std::swap(ifindex_, other.ifindex_);
  std::swap(hook_, other.hook_);
  std::swap(made_qdisc_, other.made_qdisc_);
}

}  // namespace weir
