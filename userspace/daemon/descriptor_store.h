#pragma once

#include <set>
#include <string>
#include <vector>

#include "sensor/kept.h"

namespace weir {

/// systemd's descriptor store (sd_pid_notify_with_fds(3), FileDescriptorStoreMax= in systemd.service(5)): what lies there
/// outlives the process, so that a crash or a restart loses no packet, and is closed when the unit stops. Elsewhere empty.
class DescriptorStore {
 public:
  /// What an earlier process left. Once.
  std::vector<Kept> take();

  /// From now on these lie in the store and no others. Another object needs another name.
  void keep(const std::vector<ToKeep>& descriptors);

 private:
  std::set<std::string> names_;
};

}  // namespace weir
