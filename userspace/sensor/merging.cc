#include "sensor/merging.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "sensor/interface_selection.h"

namespace weir {
namespace {

std::vector<Link> merging_devices(const Attachment& attachment, std::span<const Link> links) {
  if (attachment.mode != "generic") return {};
  std::vector<Link> out = devices_beneath(attachment.ifindex, links);
  for (const Link& link : links)
    if (link.index == attachment.ifindex) out.push_back(link);
  return out;
}

}  // namespace

void Merging::follow(std::span<Attachment* const> attachments, std::span<const Link> links) {
  std::set<int> needed;
  for (const Attachment* a : attachments)
    for (const Link& device : merging_devices(*a, links)) needed.insert(device.index);
  std::erase_if(off_, [&needed](const auto& off) { return needed.count(off.first) == 0; });
  for (Attachment* a : attachments) {
    a->may_be_merged = false;
    a->merged_reason.clear();
    for (const Link& device : merging_devices(*a, links)) separate(*a, device);
  }
}

void Merging::separate(Attachment& attachment, const Link& device) {
  const std::string where = device.index == attachment.ifindex ? "" : " on " + device.name;
  const auto is_on = is_gro_on(device.name);
  if (is_on && !*is_on) {
    if (off_.count(device.index) != 0 && !attachment.may_be_merged)
      attachment.merged_reason = "GRO is switched off meanwhile";
    return;
  }
  auto off = may_switch_off_ ? GroOff::start(device.name) : fail(0, "GRO is on" + where + " and may not be switched off");
  if (!off) {
    attachment.may_be_merged = true;
    attachment.merged_reason = off.error().what;
    return;
  }
  off_.insert_or_assign(device.index, std::move(*off));
  if (!attachment.may_be_merged) attachment.merged_reason = "GRO is switched off meanwhile";
}

}  // namespace weir
