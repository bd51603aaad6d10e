#pragma once

#include <cstdint>
#include <vector>

#include "features/entropy.h"
#include "features/flat_index.h"
#include "features/host_window.h"
#include "features/window_options.h"

namespace weir {

/// The hosts of the open window, in both roles, within a fixed number of places. The last quarter is for home hosts, so
/// that random sources from outside cannot push them out.
class HostTable {
 public:
  HostTable(const WindowOptions& options, std::uint64_t seed);

  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  using Hash = std::uint32_t;
  /// To be handed to the functions below; see FlatIndex for why they fetch ahead.
  Hash hash_of(const IpAddress& host, Role role) const { return index_.hash_of(key_of(host, role)); }
  void prefetch_place(Hash hash) const { index_.prefetch_place(hash); }
  /// The place that `hash` most likely leads to, its counters being fetched; kNone if there is none.
  std::uint32_t prefetch_host(Hash hash) const;

  /// Place of a host in a role; kNone if it has no room.
  std::uint32_t find_or_add(const IpAddress& host, Role role, Hash hash);
  std::uint32_t find_or_add(const IpAddress& host, Role role) { return find_or_add(host, role, hash_of(host, role)); }
  std::uint32_t find(const IpAddress& host, Role role) const { return index_.find(key_of(host, role)); }

  bool is_home(const IpAddress& host) const;
  HostWindow& at(std::uint32_t place) { return hosts_[place]; }
  std::vector<HostWindow>& hosts() { return hosts_; }
  const std::vector<HostWindow>& hosts() const { return hosts_; }
  /// Empties the table into `out`, whose memory it uses from now on.
  void move_to(std::vector<HostWindow>& out);

 private:
  struct Key {
    IpAddress host;
    std::uint64_t role = 0;  // 8 bytes: no padding
    bool operator==(const Key&) const = default;
  };

  static Key key_of(const IpAddress& host, Role role) { return {host, static_cast<std::uint64_t>(role)}; }

  std::vector<IpPrefix> home_;
  std::size_t open_to_all_;  // places
  FlatIndex<Key> index_;
  std::vector<HostWindow> hosts_;
};

}  // namespace weir
