#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sensor/link_monitor.h"
#include "sensor/sensor_options.h"

namespace weir {

/// Whether the name, or the pattern, stands for this device. No pattern stands for the loopback.
bool is_meant(const InterfaceOptions& wanted, const Link& link);

/// A device and why it is watched.
struct Candidate {
  Link link;
  InterfaceOptions wanted;  ///< the entry of the configuration that it matches: its own name before any pattern
};

/// Meant too, but another device sees the same packets: watched both, each would count twice.
struct LeftOut {
  Candidate candidate;
  std::string reason;     ///< "lies on top of eth1, which is watched"
  bool is_named = false;  ///< by its own name, as is the other: nobody but the operator can choose
};

struct Selection {
  std::vector<Candidate> watch;  ///< those named, in the options' order, then those that match a pattern, by index
  std::vector<LeftOut> left_out;
  std::vector<InterfaceOptions> unmatched;  ///< names and patterns that nothing matches
};

/// Which devices to watch. Of two that lie on one another (a bond and its slave, a bridge and its port, a VLAN and its
/// carrier, over any number of devices between) one stays: the one named before one that matches a pattern, else the lower.
Selection select_interfaces(std::span<const InterfaceOptions> wanted, std::span<const Link> links);

/// Everything that hands this device its frames, over any number of devices between.
std::vector<Link> devices_beneath(int index, std::span<const Link> links);

/// The devices that XDP names where a program sits on this one natively: a bond puts it into its ports.
std::vector<int> native_ports(const Link& link, std::span<const Link> links);

/// Why dropping what arrives on this device would harm, apart from addresses of its own; empty: it would not.
std::string mirror_obstacle(const Link& link, std::span<const Link> links);

}  // namespace weir
