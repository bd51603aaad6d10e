#pragma once

#include <map>
#include <span>

#include "sensor/device.h"
#include "sensor/interface.h"
#include "sensor/link_monitor.h"

namespace weir {

/// GRO merges packets before generic XDP sees them, and it does so in the lowest device, for all that lie on it.
class Merging {
 public:
  explicit Merging(bool may_switch_gro_off) : may_switch_off_(may_switch_gro_off) {}

  /// Keeps GRO off on the devices of attachments that are generic and on those beneath them, and on again where it is no
  /// longer in the way. The attachments say what was done and what remains. To be called with all of them whenever one of
  /// them or a device has changed.
  void follow(std::span<Attachment* const> attachments, std::span<const Link> links);

 private:
  void separate(Attachment& attachment, const Link& device);

  bool may_switch_off_;
  std::map<int, GroOff> off_;  // by index
};

}  // namespace weir
