#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "sensor/tc_filter.h"

namespace weir {

/// A filter at a clsact hook, as netlink shows it.
struct TcFilter {
  std::string kind;          ///< "bpf", "u32", ...
  std::string name;          ///< of a BPF filter
  std::uint32_t handle = 0;  ///< 0: the head of a priority, which stands before its filters
  std::uint32_t priority = 0;
};

/// All filters at a hook; none where the interface has no clsact qdisc. libbpf can only ask for one by its exact place, and
/// does not tell its name. ENODEV: no such interface.
[[nodiscard]] Result<std::vector<TcFilter>> dump_tc_filters(int ifindex, TcHook hook);

}  // namespace weir
