#include "sensor/kernel_version.h"

#include <sys/utsname.h>

#include <cstdio>

namespace weir {

std::optional<KernelVersion> KernelVersion::parse(const std::string& release) {
  KernelVersion out;
  if (std::sscanf(release.c_str(), "%d.%d", &out.series, &out.number) != 2) return std::nullopt;
  return out;
}

std::string why_kernel_is_too_old() {
  utsname about{};
  uname(&about);
  const auto version = KernelVersion::parse(about.release);
  if (!version || *version >= kOldestKernel) return "";
  return std::string("kernel ") + about.release + " is older than " + kOldestKernel.to_string();
}

}  // namespace weir
