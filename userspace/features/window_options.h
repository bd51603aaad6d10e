#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "base/ip_address.h"

namespace weir {

struct WindowOptions {
  std::uint32_t hosts = 65536;   ///< hosts, in both roles together, that a window has room for
  std::uint32_t flows = 524288;  ///< flows that a window joins across ticks; more are counted, but not joined
  /// Networks whose hosts always find room: the last quarter of `hosts` is theirs. Default: private ranges
  /// (RFC 1918, RFC 6598, RFC 4193, link-local, loopback); the interfaces' own prefixes are added at start.
  std::vector<IpPrefix> home = default_home();
  /// Ports that ordinary services use (IANA registry), for uncommon_port_ratio.
  std::set<std::uint16_t> common_ports = {20,  21,  22,  25,  53,  67,   68,   80,   110,  123,  143,  161,
                                          443, 465, 587, 993, 995, 1900, 3306, 3389, 5228, 5353, 8080, 8443};

  static std::vector<IpPrefix> default_home();
};

}  // namespace weir
