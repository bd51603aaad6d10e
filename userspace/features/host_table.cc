#include "features/host_table.h"

#include <algorithm>
#include <cstddef>

namespace weir {

HostTable::HostTable(const WindowOptions& options, std::uint64_t seed)
    : home_(options.home), open_to_all_(options.hosts - options.hosts / 4), index_(options.hosts, seed) {}

bool HostTable::is_home(const IpAddress& host) const {
  return std::any_of(home_.begin(), home_.end(), [&](const IpPrefix& p) { return p.contains(host); });
}

std::uint32_t HostTable::prefetch_host(Hash hash) const {
  const std::uint32_t place = index_.prefetch_entry(hash);
  if (place == kNone) return place;
  const auto* counters = reinterpret_cast<const char*>(&hosts_[place]);
  for (std::size_t line = 0; line < offsetof(HostWindow, features); line += 64) __builtin_prefetch(counters + line);
  return place;
}

std::uint32_t HostTable::find_or_add(const IpAddress& host, Role role, Hash hash) {
  const Key key = key_of(host, role);
  if (hosts_.size() >= open_to_all_) {
    const std::uint32_t known = index_.find(key, hash);
    if (known != kNone || !is_home(host)) return known;
  }
  const std::uint32_t place = index_.find_or_add(key, hash);
  if (place != hosts_.size()) return place;  // known, or kNone
  HostWindow& h = hosts_.emplace_back();
  h.host = host;
  h.role = role;
  h.home = is_home(host);
  return place;
}

void HostTable::move_to(std::vector<HostWindow>& out) {
  out.clear();
  out.swap(hosts_);
  index_.clear();
}

}  // namespace weir
