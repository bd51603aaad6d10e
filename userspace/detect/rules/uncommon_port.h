#pragma once

#include <array>
#include <unordered_map>

#include "detect/rule.h"
#include "features/address_hash.h"

namespace weir {

/// A home host that uses a TCP port outside, or serves one, that it never did, though its past is long enough to tell:
/// remote shells, miners and proxies take a port of their own. Silent about windows.common_ports; about ports that another
/// host at home used (or served) before, unless to that one it was strange too (three such, and the port is a service of the
/// house); about ports from 32768 on, which systems take at will; and about a host that comes with a third new port within
/// an hour, as peer-to-peer does. UDP is left out: media and games choose a port anew with each call.
/// Groups of hosts (`groups`) learn apart.
/// Threshold: payload bytes towards the service, in a window. Default 100: a probe or a banner is less, any command or
/// request reaches it soon. The past: a day by default, since people and machines do not do everything every hour (after an
/// hour, every new application of a host alarms), and two minutes of it awake in the hour.
class UncommonPort : public Rule {
 public:
  UncommonPort(double threshold, std::uint32_t history_s, std::size_t hosts)
      : threshold_(threshold), history_s_(history_s), most_hosts_(hosts) {}
  std::optional<Finding> judge(const HostWindow& window) override;
  void save(Baselines& all, std::int64_t now_ns) const override;
  void restore(const Baselines& all, std::int64_t now_ns, const IsOwn& is_own) override;

 private:
  struct Past {
    std::int64_t first_ns = 0, seen_ns = 0;
    std::uint32_t windows = 0;
    float new_ports = 0;  ///< fades to half in an hour
    std::int64_t new_ports_ns = 0;
  };
  /// The first hosts that used (or served) a port; more make no difference.
  struct Port {
    std::array<IpAddress, 3> hosts;
    std::uint8_t count = 0, told = 0;  ///< of them, and to how many of these it was strange

    bool is_full() const { return count == hosts.size(); }
    bool is_known_to(const IpAddress& host) const;
  };
  Past* past_of(const HostWindow& window);
  bool has_history(const Past& past, const HostWindow& window) const;
  const ServiceUse* find_strange(const HostWindow& window, Past& past);

  double threshold_;
  std::uint32_t history_s_;
  std::size_t most_hosts_;
  std::unordered_map<IpAddress, Past, AddressHash> pasts_;
  std::int64_t pruned_ns_ = 0;
  std::array<std::unordered_map<std::uint16_t, Port>, 2> ports_;  ///< by role
};

}  // namespace weir
