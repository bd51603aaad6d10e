#include "daemon/descriptor_store.h"

#include <systemd/sd-daemon.h>

#include <cstdlib>

namespace weir {

std::vector<Kept> DescriptorStore::take() {
  std::vector<Kept> out;
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(1, &names);
  for (int i = 0; i < count; ++i) {
    out.push_back({names[i], UniqueFd(SD_LISTEN_FDS_START + i)});
    names_.insert(names[i]);
    std::free(names[i]);
  }
  std::free(names);
  return out;
}

void DescriptorStore::keep(const std::vector<ToKeep>& descriptors) {
  std::set<std::string> stale = std::move(names_);
  names_.clear();
  for (const ToKeep& d : descriptors) {
    // FDPOLL=0 (systemd 246): maps cannot be polled, and a link that fell off with its device hurts nobody.
    if (stale.erase(d.name) == 0) sd_pid_notify_with_fds(0, 0, ("FDSTORE=1\nFDPOLL=0\nFDNAME=" + d.name).c_str(), &d.fd, 1);
    names_.insert(d.name);
  }
  for (const std::string& name : stale) sd_notify(0, ("FDSTOREREMOVE=1\nFDNAME=" + name).c_str());
}

}  // namespace weir
