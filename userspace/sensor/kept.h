#pragma once

#include <string>

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

}  // namespace weir
