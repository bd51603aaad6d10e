#include "publish/host_ledger.h"

#include <algorithm>

namespace weir {

void HostLedger::add(const ClosedWindow& window, const std::vector<Verdict>& verdicts) {
  for (std::size_t i = 0; i < window.hosts.size(); ++i) {
    const HostWindow& host = window.hosts[i];
    HostEntry& entry = entries_[{host.host, host.role}];
    entry.last = host;
    entry.last.signs = nullptr;  // larger than all the rest, and nobody asks for them here
    entry.score = verdicts[i].score;
    entry.model_score = verdicts[i].model_score;
    entry.kinds = verdicts[i].kinds;
    entry.silenced = verdicts[i].silenced;
    entry.max_score = std::max(entry.max_score, verdicts[i].score);
    entry.max_model_score = std::max(entry.max_model_score, verdicts[i].model_score);
    entry.packets += host.packets;
    entry.bytes += host.bytes;
  }
  if (entries_.size() > most_hosts_) forget_oldest();
}

void HostLedger::forget_oldest() {
  std::vector<std::int64_t> seen;
  for (const auto& [key, entry] : entries_) seen.push_back(entry.last.start_ns);
  const std::size_t excess = entries_.size() - most_hosts_;
  std::nth_element(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(excess - 1), seen.end());
  const std::int64_t newest_to_go = seen[excess - 1];
  std::size_t left = excess;
  std::erase_if(entries_, [&](const auto& item) {
    if (left == 0 || item.second.last.start_ns > newest_to_go) return false;
    --left;
    return true;
  });
}

std::vector<const HostEntry*> HostLedger::busiest(std::size_t count) const {
  std::vector<const HostEntry*> all;
  all.reserve(entries_.size());
  for (const auto& [key, entry] : entries_) all.push_back(&entry);
  count = std::min(count, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end(),
                    [](const HostEntry* a, const HostEntry* b) { return a->packets > b->packets; });
  all.resize(count);
  return all;
}

}  // namespace weir
