#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/unique_fd.h"

namespace weir {

/// A map or link of the kernel that somebody held for us while no weir ran, by the name that we gave it.
struct Kept {
  std::string name;
  UniqueFd fd;
};

/// What to hand over to be kept. The descriptor stays ours.
struct ToKeep {
  std::string name;
  int fd = -1;
};

/// Takes the descriptor of `name` out; empty if it is not there.
inline UniqueFd take_kept(std::vector<Kept>& kept, const std::string& name) {
  const auto found = std::find_if(kept.begin(), kept.end(), [&](const Kept& k) { return k.name == name; });
  if (found == kept.end()) return {};
  UniqueFd fd = std::move(found->fd);
  kept.erase(found);
  return fd;
}

}  // namespace weir
