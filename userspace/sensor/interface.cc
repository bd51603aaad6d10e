#include "sensor/interface.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fnmatch.h>
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <netinet/in.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>

#include "sensor/flow_meter.h"

namespace weir {
namespace {

constexpr const char* kKeptLink = "link.";

struct Way {
  const char* name;
  int program;
  std::uint32_t flags;
};

/// Whose the program with this id is, as far as the kernel tells us, and what to do about it.
std::string remedy_for(std::uint32_t id, const std::string& interface) {
  const std::string show = "`bpftool prog show id " + std::to_string(id) + "`";
  const std::string remove = "remove it with its own tool or `ip link set dev " + interface + " xdp off`";
  const UniqueFd program(bpf_prog_get_fd_by_id(id));  // a question for CAP_SYS_ADMIN, which the service does not have
  if (!program) return "; as root, " + show + " tells its name and tag; " + remove;
  bpf_prog_info about{};
  __u32 size = sizeof about;
  if (bpf_obj_get_info_by_fd(program.get(), &about, &size) != 0) return "; see " + show + ", " + remove;
  const std::string name(about.name, strnlen(about.name, sizeof about.name));
  if (name.rfind("weir_", 0) == 0) return " (" + name + "): another weir watches this interface; stop that one";
  std::string tag;
  for (const unsigned byte : about.tag) tag += {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
  return " (name " + (name.empty() ? "none" : name) + ", tag " + tag + "); see " + show + ", " + remove;
}

std::vector<Way> ways(const FlowMeter& meter, XdpMode mode) {
  std::vector<Way> all;
  if (mode != XdpMode::kGeneric) {
    all.push_back({"native with frags", meter.frags_program(), XDP_FLAGS_DRV_MODE});
    all.push_back({"native", meter.plain_program(), XDP_FLAGS_DRV_MODE});
  }
  if (mode != XdpMode::kNative) all.push_back({"generic", meter.frags_program(), XDP_FLAGS_SKB_MODE});
  if (mode != XdpMode::kNative) all.push_back({"generic", meter.plain_program(), XDP_FLAGS_SKB_MODE});
  return all;
}

void add_reason(std::string& reason, const Way& way, int error) {
  if (!reason.empty()) reason += ", ";
  reason += std::string(way.name) + ": " + std::strerror(error);
}

/// Of the device that an XDP link is on. A device that goes takes its link's index along, but not the link: 0 then.
int linked_ifindex(const UniqueFd& link) {
  bpf_link_info about{};
  __u32 size = sizeof about;
  if (!link || bpf_obj_get_info_by_fd(link.get(), &about, &size) != 0 || about.type != BPF_LINK_TYPE_XDP) return 0;
  return static_cast<int>(about.xdp.ifindex);
}

/// The last resort.
[[nodiscard]] Result<Attachment> attach_ingress(const FlowMeter& meter, Attachment out) {
  auto ingress = TcAttachment::attach(meter.ingress_program(), out.ifindex, TcHook::kIngress);
  if (!ingress)
    return fail(ingress.error(),
                out.interface + ": attach " + (out.reason.empty() ? "" : "XDP: " + out.reason + ", ") + "tc");
  out.ingress = std::move(*ingress);
  out.mode = out.ingress.way();
  return out;
}

std::vector<std::vector<std::string>> read_fields(const std::string& path) {
  std::vector<std::vector<std::string>> out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    out.emplace_back(std::istream_iterator<std::string>(fields), std::istream_iterator<std::string>());
  }
  return out;
}

int prefix_bits(const sockaddr* mask, std::size_t offset, std::size_t size) {
  int bits = 0;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(mask) + offset;
  for (std::size_t i = 0; i < size; ++i) bits += std::popcount(bytes[i]);
  return bits;
}

std::optional<IpPrefix> read_prefix(const ifaddrs& entry) {
  if (entry.ifa_addr == nullptr || entry.ifa_netmask == nullptr) return std::nullopt;
  if (entry.ifa_addr->sa_family == AF_INET) {
    const auto* in = reinterpret_cast<const sockaddr_in*>(entry.ifa_addr);
    const int bits = prefix_bits(entry.ifa_netmask, offsetof(sockaddr_in, sin_addr), sizeof in->sin_addr);
    return IpPrefix::parse(IpAddress::v4(in->sin_addr.s_addr).to_string() + "/" + std::to_string(bits));
  }
  if (entry.ifa_addr->sa_family == AF_INET6) {
    const auto* in = reinterpret_cast<const sockaddr_in6*>(entry.ifa_addr);
    const int bits = prefix_bits(entry.ifa_netmask, offsetof(sockaddr_in6, sin6_addr), sizeof in->sin6_addr);
    return IpPrefix::parse(IpAddress::v6(&in->sin6_addr).to_string() + "/" + std::to_string(bits));
  }
  return std::nullopt;
}

}  // namespace

Result<int> interface_index(const std::string& interface) {
  const unsigned index = if_nametoindex(interface.c_str());
  if (index == 0) return fail(ENODEV, interface + ": no such interface; `ip link` lists them");
  return static_cast<int>(index);
}

Result<void> refuse_foreign_program(const std::string& interface, int ifindex) {
  bpf_xdp_query_opts query{};
  query.sz = sizeof query;
  if (bpf_xdp_query(ifindex, 0, &query) != 0) return {};  // older kernels: the attachment itself will tell
  std::uint32_t id = 0;
  for (const std::uint32_t mode : {query.drv_prog_id, query.skb_prog_id, query.hw_prog_id})
    if (id == 0) id = mode;
  if (id == 0) return {};
  return fail(EBUSY, interface + ": XDP program " + std::to_string(id) + " is attached already and stays" +
                         remedy_for(id, interface));
}

Result<Attachment> attach(const FlowMeter& meter, const std::string& interface, XdpMode mode) {
  const auto index = interface_index(interface);
  if (!index) return tl::make_unexpected(index.error());
  return attach(meter, interface, *index, mode);
}

Result<Attachment> attach(const FlowMeter& meter, const std::string& interface, int ifindex, XdpMode mode) {
  Attachment out;
  out.interface = interface;
  out.ifindex = ifindex;
  if (auto ethernet = require_ethernet(interface); !ethernet) return tl::make_unexpected(ethernet.error());
  if (auto leftovers = remove_leftovers(out.ifindex); !leftovers) return fail(leftovers.error(), interface);
  if (auto free = refuse_foreign_program(interface, out.ifindex); !free) return tl::make_unexpected(free.error());

  int error = 0;
  if (mode == XdpMode::kTc) return attach_ingress(meter, std::move(out));
  for (const Way& way : ways(meter, mode)) {
    bpf_link_create_opts options{};
    options.sz = sizeof options;
    options.flags = way.flags;
    const int link = bpf_link_create(way.program, out.ifindex, BPF_XDP, &options);
    if (link >= 0) {
      out.mode = way.name;
      out.link = UniqueFd(link);
      return out;
    }
    error = errno;
    add_reason(out.reason, way, error);
  }
  if (mode == XdpMode::kAuto) return attach_ingress(meter, std::move(out));
  return fail(error, interface + ": attach XDP: " + out.reason);
}

std::string kept_link_name(const Attachment& attachment) {
  return std::string(kKeptLink) + attachment.mode + "." + std::to_string(attachment.ifindex) + "." + attachment.interface;
}

std::optional<Attachment> take_over(const FlowMeter& meter, const std::string& interface, int ifindex, XdpMode mode,
                                    std::vector<Kept>& kept) {
  for (const Way& way : ways(meter, mode)) {
    for (Kept& k : kept) {
      if (k.name.rfind(std::string(kKeptLink) + way.name + ".", 0) != 0 || linked_ifindex(k.fd) != ifindex) continue;
      if (bpf_link_update(k.fd.get(), way.program, nullptr) != 0) continue;
      Attachment out;
      out.interface = interface;
      out.ifindex = ifindex;
      out.mode = way.name;
      out.link = std::move(k.fd);
      return out;
    }
  }
  if (mode != XdpMode::kAuto && mode != XdpMode::kTc) return std::nullopt;
  auto ingress = TcAttachment::take_over(meter.ingress_program(), ifindex, TcHook::kIngress, kept);
  if (!ingress) return std::nullopt;
  Attachment out;
  out.interface = interface;
  out.ifindex = ifindex;
  out.mode = ingress->way();
  out.ingress = std::move(*ingress);
  return out;
}

Result<void> replace_programs(const FlowMeter& meter, Attachment& attachment) {
  int error = attachment.link ? EINVAL : 0;
  for (const Way& way : ways(meter, XdpMode::kAuto))  // generic has two: that which is of the attached one's kind is taken
    if (error != 0 && attachment.mode == way.name)
      error = bpf_link_update(attachment.link.get(), way.program, nullptr) == 0 ? 0 : errno;
  if (error != 0) return fail(error, attachment.interface + ": replace XDP's program: " + std::strerror(error));
  if (auto ingress = attachment.ingress.replace(meter.ingress_program()); !ingress) return ingress;
  return attachment.egress.replace(meter.egress_program());
}

bool is_alive(const Attachment& attachment) {
  if (!attachment.link) return true;  // held by no link: nothing tells
  return linked_ifindex(attachment.link) != 0;
}

bool has_own_address(const std::string& interface) {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return true;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owned(all, freeifaddrs);
  for (const ifaddrs* entry = all; entry != nullptr; entry = entry->ifa_next) {
    const std::string_view label = entry->ifa_name;  // an IPv4 address may have one of its own, such as eth0:1
    if (entry->ifa_addr == nullptr || label.substr(0, label.find(':')) != interface) continue;
    if (entry->ifa_addr->sa_family == AF_INET) return true;
    if (entry->ifa_addr->sa_family == AF_INET6 &&
        !IN6_IS_ADDR_LINKLOCAL(&reinterpret_cast<const sockaddr_in6*>(entry->ifa_addr)->sin6_addr))
      return true;
  }
  return false;
}

Result<std::string> default_route_interface(const std::string& proc) {
  // Columns of route: interface, destination, gateway, flags, references, use, metric, mask.
  // Of ipv6_route: destination, its length, source, its length, gateway, metric, references, use, flags, interface.
  for (const auto& f : read_fields(proc + "/net/route"))
    if (f.size() >= 8 && f[1] == "00000000" && f[7] == "00000000") return f[0];
  for (const auto& f : read_fields(proc + "/net/ipv6_route"))
    if (f.size() >= 10 && f[0] == std::string(32, '0') && f[1] == "00" && f[9] != "lo") return f[9];
  return fail(ENODEV,
              "there is no default route to take the interface from: name one, as in `weir run eth0` or, for the service, "
              "`sudo weir setup eth0`");
}

std::vector<IpPrefix> interface_prefixes(const std::string& name_or_pattern) {
  std::vector<IpPrefix> out;
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return out;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owned(all, freeifaddrs);
  for (const ifaddrs* entry = all; entry != nullptr; entry = entry->ifa_next)
    if (name_or_pattern == entry->ifa_name || fnmatch(name_or_pattern.c_str(), entry->ifa_name, FNM_NOESCAPE) == 0)
      if (const auto prefix = read_prefix(*entry)) out.push_back(*prefix);
  return out;
}

}  // namespace weir
