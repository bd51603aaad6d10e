#include "features/half_open.h"

#include <algorithm>

namespace weir {

void HalfOpen::change(std::uint32_t place, const IpAddress& by, const IpAddress& service, std::uint16_t port,
                      std::uint64_t before, std::uint64_t after) {
  if (before == after) return;
  const std::uint32_t number = index_.find_or_add({by, service, port});
  if (number == FlatIndex<Key>::kNone) return;  // a flood has filled the table: what it holds suffices to say so
  if (number == counts_.size()) counts_.push_back({place, 0});
  std::uint64_t& packets = counts_[number].syn_packets;
  packets += after;
  packets -= std::min(packets, before);
}

void HalfOpen::report(HostTable& hosts) const {
  for (HostWindow& host : hosts.hosts()) host.evidence.half_open_to_service = host.evidence.overflow_syn;
  for (const Count& count : counts_) {
    Evidence& e = hosts.at(count.place).evidence;
    e.half_open_to_service = std::max(e.half_open_to_service, count.syn_packets + e.overflow_syn);
  }
}

void HalfOpen::clear() {
  index_.clear();
  counts_.clear();
}

}  // namespace weir
