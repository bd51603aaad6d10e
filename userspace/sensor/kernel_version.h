#pragma once

#include <compare>
#include <optional>
#include <string>

namespace weir {

struct KernelVersion {
  int series = 0, number = 0;  ///< 6.1: 6 and 1
  /// Of what uname(2) calls the release, "6.1.0-47-amd64".
  static std::optional<KernelVersion> parse(const std::string& release);
  std::string to_string() const { return std::to_string(series) + "." + std::to_string(number); }
  auto operator<=>(const KernelVersion&) const = default;
};

/// Brought bpf_xdp_load_bytes and XDP programs with frags; the programs are loaded all or not at all. Some distributions
/// have such things in older kernels, so nobody is refused for the number alone.
inline constexpr KernelVersion kOldestKernel{5, 18};
inline constexpr KernelVersion kOldestTestedKernel{6, 1};

/// "kernel 5.15.0 is older than 5.18", of the running one; empty: it is not.
std::string why_kernel_is_too_old();

}  // namespace weir
