#include "sensor/interface_selection.h"

#include <fnmatch.h>

#include <algorithm>
#include <map>
#include <set>

namespace weir {
namespace {

/// Which device lies on which.
class Stack {
 public:
  explicit Stack(std::span<const Link> links) {
    for (const Link& link : links) {
      if (link.master != 0) over_.emplace(link.index, link.master);
      if (link.lower != 0) over_.emplace(link.lower, link.index);
    }
  }

  /// Everything that sees the packets which arrive on `index` once more.
  std::set<int> above(int index) const {
    std::set<int> found;
    std::vector<int> to_visit = {index};
    while (!to_visit.empty()) {
      const auto [first, last] = over_.equal_range(to_visit.back());
      to_visit.pop_back();
      for (auto at = first; at != last; ++at)
        if (found.insert(at->second).second) to_visit.push_back(at->second);
    }
    return found;
  }

 private:
  std::multimap<int, int> over_;  // index -> index of one directly above
};

const InterfaceOptions* find_entry(std::span<const InterfaceOptions> wanted, const Link& link) {
  const InterfaceOptions* found = nullptr;
  for (const InterfaceOptions& entry : wanted) {
    if (!is_meant(entry, link)) continue;
    if (!entry.is_pattern()) return &entry;
    if (found == nullptr) found = &entry;
  }
  return found;
}

/// Takes the losers of all pairs in which `loses` names one. Upper and lower are asked for together, so that a device
/// between them that is not watched hides nothing.
template <class Loses>
void leave_out(Selection& selection, const Stack& stack, Loses&& loses) {
  std::map<int, const Candidate*> by_index;
  for (const Candidate& c : selection.watch) by_index.emplace(c.link.index, &c);
  std::map<int, LeftOut> losers;
  for (const Candidate& lower : selection.watch)
    for (const int index : stack.above(lower.link.index)) {
      const auto upper = by_index.find(index);
      if (upper == by_index.end()) continue;
      if (auto lost = loses(*upper->second, lower)) losers.emplace(lost->candidate.link.index, std::move(*lost));
    }
  std::erase_if(selection.watch, [&](const Candidate& c) { return losers.count(c.link.index) != 0; });
  for (auto& [index, lost] : losers) selection.left_out.push_back(std::move(lost));
}

std::optional<LeftOut> named_goes_first(const Candidate& upper, const Candidate& lower) {
  if (!upper.wanted.is_pattern() && lower.wanted.is_pattern())
    return LeftOut{lower, "lies under " + upper.link.name + ", which is named", false};
  if (upper.wanted.is_pattern() && !lower.wanted.is_pattern())
    return LeftOut{upper, "lies on top of " + lower.link.name + ", which is named", false};
  return std::nullopt;
}

std::optional<LeftOut> lower_goes_first(const Candidate& upper, const Candidate& lower) {
  return LeftOut{upper, "lies on top of " + lower.link.name + ", which is watched", !upper.wanted.is_pattern()};
}

/// Named ones first, in the order in which they were named.
void put_in_order(std::vector<Candidate>& watch, std::span<const InterfaceOptions> wanted) {
  const auto rank = [&](const Candidate& c) {
    return c.wanted.is_pattern() ? wanted.end() : std::find(wanted.begin(), wanted.end(), c.wanted);
  };
  std::stable_sort(watch.begin(), watch.end(), [&](const Candidate& a, const Candidate& b) { return rank(a) < rank(b); });
}

}  // namespace

bool is_meant(const InterfaceOptions& wanted, const Link& link) {
  if (!wanted.is_pattern()) return wanted.name == link.name;
  return !link.is_loopback && fnmatch(wanted.name.c_str(), link.name.c_str(), FNM_NOESCAPE) == 0;
}

Selection select_interfaces(std::span<const InterfaceOptions> wanted, std::span<const Link> links) {
  Selection out;
  std::set<std::string> matched;
  for (const Link& link : links)
    if (const InterfaceOptions* entry = find_entry(wanted, link)) {
      out.watch.push_back({link, *entry});
      matched.insert(entry->name);
    }
  for (const InterfaceOptions& entry : wanted)
    if (matched.count(entry.name) == 0) out.unmatched.push_back(entry);
  put_in_order(out.watch, wanted);
  const Stack stack(links);
  leave_out(out, stack, named_goes_first);  // a device left out for one that is named holds back no third
  leave_out(out, stack, lower_goes_first);
  return out;
}

std::vector<Link> devices_beneath(int index, std::span<const Link> links) {
  const Stack stack(links);
  std::vector<Link> out;
  for (const Link& link : links)
    if (stack.above(link.index).count(index) != 0) out.push_back(link);
  return out;
}

std::vector<int> native_ports(const Link& link, std::span<const Link> links) {
  std::vector<int> out;
  if (link.kind != "bond" && !link.kind.empty()) return out;  // hardware may have a port as well: a virtual function
  for (const Link& port : links)
    if (port.master == link.index) out.push_back(port.index);
  return out;
}

std::string mirror_obstacle(const Link& link, std::span<const Link> links) {
  for (const Link& other : links) {
    if (other.index == link.master && link.master != 0) return "it is a port of " + other.name;
    if (other.lower == link.index) return other.name + " lies on top of it";
    if (other.master == link.index) return "it has ports, " + other.name + " among them";
  }
  return link.master != 0 ? "it is a port of another device" : "";
}

}  // namespace weir
