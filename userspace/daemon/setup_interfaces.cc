#include "daemon/setup_interfaces.h"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "config/nearest_key.h"
#include "sensor/device.h"
#include "sensor/interface.h"
#include "sensor/interface_selection.h"
#include "sensor/link_monitor.h"

namespace weir {
namespace {

struct FreeAddresses {
  void operator()(ifaddrs* list) const { freeifaddrs(list); }
};

bool is_link_local(const sockaddr& address) {
  return address.sa_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
}

void take_address(const ifaddrs& entry, std::vector<Device>& devices) {
  const auto device = std::ranges::find(devices, std::string(entry.ifa_name), &Device::name);
  if (device == devices.end()) return;
  device->is_up = (entry.ifa_flags & IFF_UP) != 0;
  device->has_carrier = (entry.ifa_flags & IFF_RUNNING) != 0;
  const sockaddr* a = entry.ifa_addr;
  if (a != nullptr && (a->sa_family == AF_INET || a->sa_family == AF_INET6) && !is_link_local(*a)) ++device->addresses;
}

std::string nearest(const std::string& name, const std::vector<Device>& devices) {
  std::string best;
  for (const Device& d : devices)
    if (!d.is_loopback && (best.empty() || edit_distance(name, d.name) < edit_distance(name, best))) best = d.name;
  return best.empty() ? "" : "; did you mean " + best + "?";
}

[[nodiscard]] Result<void> check_device(const std::string& name, const std::vector<Device>& devices) {
  const auto device = std::ranges::find(devices, name, &Device::name);
  if (device == devices.end()) return fail(ENODEV, name + ": no such interface" + nearest(name, devices));
  if (device->is_loopback) return fail(EOPNOTSUPP, name + ": the loopback carries nothing of the network; name another");
  return require_ethernet(name);
}

}  // namespace

Result<std::vector<Device>> list_devices() {
  const auto monitor = LinkMonitor::open();
  if (!monitor) return tl::make_unexpected(monitor.error());
  const auto route = default_route_interface();
  std::vector<Device> devices;
  for (const Link& link : monitor->links())
    devices.push_back({link.name, driver_of(link.name), link.is_loopback, false, false, route && *route == link.name, 0});
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return devices;
  const std::unique_ptr<ifaddrs, FreeAddresses> all(list);
  for (const ifaddrs* i = list; i != nullptr; i = i->ifa_next) take_address(*i, devices);
  return devices;
}

std::string render_devices(const std::vector<Device>& devices) {
  std::string out = fmt::format("{:<16} {:<8} {:<12} {}\n", "INTERFACE", "STATE", "DRIVER", "ADDRESSES");
  for (const Device& d : devices) {
    if (d.is_loopback) continue;
    const char* state = !d.is_up ? "down" : d.has_carrier ? "up" : "no cable";
    out += fmt::format("{:<16} {:<8} {:<12} {}{}\n", d.name, state, d.driver, d.addresses,
                       d.has_default_route ? ", default route" : "");
  }
  return out;
}

std::string propose_device(const std::vector<Device>& devices) {
  for (const Device& d : devices)
    if (d.has_default_route && !d.is_loopback) return d.name;
  for (const Device& d : devices)
    if (!d.is_loopback && d.is_up && d.addresses > 0) return d.name;
  return "";
}

Result<void> check_interfaces(const std::vector<std::string>& names, const std::vector<Device>& devices) {
  const std::vector<InterfaceOptions> wanted(names.begin(), names.end());
  for (const InterfaceOptions& w : wanted)
    if (auto ok = w.is_pattern() ? Result<void>{} : check_device(w.name, devices); !ok) return ok;
  const auto monitor = LinkMonitor::open();
  if (!monitor) return tl::make_unexpected(monitor.error());
  const auto links = monitor->links();
  for (const LeftOut& left_out : select_interfaces(wanted, links).left_out)
    if (left_out.is_named)
      return fail(EOPNOTSUPP, left_out.candidate.link.name + " " + left_out.reason +
                                  " too: each packet would count twice; name one of the two");
  return {};
}

}  // namespace weir
