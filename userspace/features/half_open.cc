#include "features/half_open.h"

#include <algorithm>

namespace weir {

void HalfOpen::change(std::uint32_t place, const IpAddress& by, const IpAddress& service, std::uint16_t port,
                      std::uint64_t before, std::uint64_t after) {
  if (before == after) return;
  const std::size_t known = index_.size();
  const std::uint32_t number = index_.find_or_add({by, service, port});
  if (number == index_.kNone) return;  // a flood has filled the table: what it holds suffices to say so
  Count& count = index_.value(number);
  if (number == known) count.place = place;
  count.syn_packets += after;
  count.syn_packets -= std::min(count.syn_packets, before);
}

void HalfOpen::report(HostTable& hosts) const {
  for (std::uint32_t i = 0; i < index_.size(); ++i) {
    const Count& count = index_.value(i);
    Evidence& e = hosts.at(count.place).evidence;
    e.half_open_to_service = std::max(e.half_open_to_service, count.syn_packets + e.overflow_syn);
  }
}

}  // namespace weir
