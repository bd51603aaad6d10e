#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

struct mnl_socket;  // libmnl
struct nlmsghdr;

namespace weir {

/// A network device.
struct Link {
  int index = 0;
  std::string name;
  std::string kind;  ///< "bond", "vlan", "veth", ...; empty for hardware
  int lower = 0;     ///< index of the device that this one hands its frames to (a VLAN's, a macvlan's); 0: none
  int master = 0;    ///< index of the bond, bridge or team that it is a port of; 0: none
  bool is_loopback = false;
  std::uint64_t birth = 0;  ///< differs between a device and its successor of the same index and name

  bool operator==(const Link&) const = default;
};

/// The devices of this network namespace, as rtnetlink tells them. One thread uses it.
class LinkMonitor {
 public:
  /// Lists what there is. `receive_bytes` limits what may wait unread; 0 = the system's default.
  [[nodiscard]] static Result<LinkMonitor> open(int receive_bytes = 0);
  LinkMonitor(LinkMonitor&&) noexcept = default;
  LinkMonitor& operator=(LinkMonitor&&) noexcept = default;
  ~LinkMonitor() = default;

  /// Takes in what has happened since; never waits for anything to happen. true if a device or an address came, went or
  /// changed.
  [[nodiscard]] Result<bool> read_changes();

  std::vector<Link> links() const;  ///< by index
  /// How often notices were lost because too many waited, and everything was listed anew.
  std::uint64_t resyncs() const { return resyncs_; }

 private:
  struct Close {
    void operator()(mnl_socket* socket) const;
  };
  using Socket = std::unique_ptr<mnl_socket, Close>;

  explicit LinkMonitor(Socket notices) : notices_(std::move(notices)) {}
  [[nodiscard]] Result<void> list_all();
  [[nodiscard]] Result<bool> read_until_empty(bool& lost);
  void take(const nlmsghdr& message);
  void keep_births(const std::map<int, Link>& before);

  Socket notices_;
  std::map<int, Link> links_;
  std::uint64_t births_ = 0, resyncs_ = 0;
  bool is_stale_ = false;  // notices were lost and the list that makes up for it has failed so far
};

}  // namespace weir
