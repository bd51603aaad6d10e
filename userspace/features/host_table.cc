#include "features/host_table.h"

#include <algorithm>

namespace weir {

HostTable::HostTable(const WindowOptions& options, std::uint64_t seed)
    : home_(options.home), open_to_all_(options.hosts - options.hosts / 4), index_(options.hosts, seed) {}

bool HostTable::is_home(const IpAddress& host) const {
  return std::any_of(home_.begin(), home_.end(), [&](const IpPrefix& p) { return p.contains(host); });
}

std::uint32_t HostTable::find(const IpAddress& host, Role role) const {
  return index_.find({host, static_cast<std::uint64_t>(role)});
}

std::uint32_t HostTable::find_or_add(const IpAddress& host, Role role) {
  const Key key{host, static_cast<std::uint64_t>(role)};
  if (hosts_.size() >= open_to_all_ && index_.find(key) == kNone && !is_home(host)) return kNone;
  const std::uint32_t place = index_.find_or_add(key);
  if (place != hosts_.size()) return place;  // known, or kNone
  HostWindow& h = hosts_.emplace_back();
  h.host = host;
  h.role = role;
  h.home = is_home(host);
  return place;
}

void HostTable::clear() {
  index_.clear();
  hosts_.clear();
}

}  // namespace weir
