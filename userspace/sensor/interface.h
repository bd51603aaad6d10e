#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "sensor/device.h"
#include "sensor/kept.h"
#include "sensor/sensor_options.h"
#include "sensor/tc_filter.h"

namespace weir {

class FlowMeter;

/// What is counted of the packets that leave an interface. kAnswers: for matching only, in no sum.
enum class Departures { kNone, kCounted, kAnswers };
/// What is seen of an interface's traffic.
std::string_view coverage_name(Departures departures);

/// Our programs on an interface. Dropping it detaches: the link dies with its descriptor.
struct Attachment {
  std::string interface;
  int ifindex = 0;
  std::string mode;    ///< "native with frags", "native", "generic", "tcx" or "clsact"
  std::string reason;  ///< why no better mode, empty if this is the best
  UniqueFd link;
  TcAttachment ingress;  ///< where XDP cannot attach

  Departures departures = Departures::kNone;
  std::string departures_reason;  ///< why none, or what to mind
  TcAttachment egress;            ///< after ingress, to be dropped before it: that one may have made their qdisc

  bool may_be_merged = false;  ///< packets may come merged, and counts are lower bounds
  std::string merged_reason;   ///< why, or what was done against it
};

/// ENODEV if there is no such interface.
[[nodiscard]] Result<int> interface_index(const std::string& interface);

/// Attaches to arrivals in the best mode that `mode` allows and the driver takes. Never replaces somebody else's program:
/// EBUSY then, with its id, whose it is as far as we may know, and the remedy in the message.
[[nodiscard]] Result<Attachment> attach(const FlowMeter& meter, const std::string& interface, XdpMode mode);
/// The same by index: `interface` is only the name in messages, which another device may have taken meanwhile.
[[nodiscard]] Result<Attachment> attach(const FlowMeter& meter, const std::string& interface, int ifindex, XdpMode mode);

/// EBUSY where somebody's XDP program is on it, as attach() would say.
[[nodiscard]] Result<void> refuse_foreign_program(const std::string& interface, int ifindex);

/// Under which an attachment's XDP link is kept.
std::string kept_link_name(const Attachment& attachment);
/// Goes on with an earlier process's link to what arrives, if it is among `kept` and in a mode that is allowed: no packet
/// passes between that one's program and ours. Empty: there is none.
std::optional<Attachment> take_over(const FlowMeter& meter, const std::string& interface, int ifindex, XdpMode mode,
                                    std::vector<Kept>& kept);
/// Puts the programs of `meter` in the place of those that are attached. On error some of them may be.
[[nodiscard]] Result<void> replace_programs(const FlowMeter& meter, Attachment& attachment);

/// false once the device is gone, even if another has its index and name by now.
bool is_alive(const Attachment& attachment);

/// Whether the machine itself can be spoken to through this interface. IPv6's link-local address, which the kernel gives to
/// each interface that is up, does not count. Where the kernel will not tell: true.
bool has_own_address(const std::string& interface);

/// Interface of the default route (IPv4 first), from `proc`/net/route and ipv6_route.
[[nodiscard]] Result<std::string> default_route_interface(const std::string& proc = "/proc");

/// Networks that an interface, or each whose name matches a pattern, has addresses in.
std::vector<IpPrefix> interface_prefixes(const std::string& name_or_pattern);

}  // namespace weir
