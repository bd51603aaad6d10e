#include <net/if.h>

#include <cstdio>
#include <memory>

#include "daemon/commands.h"
#include "daemon/exit_code.h"
#include "daemon/log.h"
#include "daemon/settings.h"
#include "sensor/interface.h"

namespace weir {
namespace {

struct FreeNames {
  void operator()(struct if_nameindex* names) const { if_freenameindex(names); }
};

std::vector<std::string> all_interfaces() {
  std::vector<std::string> out;
  const std::unique_ptr<struct if_nameindex, FreeNames> names(if_nameindex());
  for (const struct if_nameindex* i = names.get(); i != nullptr && i->if_index != 0; ++i) out.emplace_back(i->if_name);
  return out;
}

/// False if a running sensor uses what is there.
[[nodiscard]] Result<bool> detach(const std::string& interface) {
  const auto index = interface_index(interface);
  if (!index) return tl::make_unexpected(index.error());
  const auto filters = remove_leftovers(*index);
  if (!filters) return fail(filters.error(), interface);
  bool is_free = true;
  for (const LeftoverFilter& f : *filters) {
    is_free = is_free && f.removed;
    std::printf("%s: %s %s at %s%s\n", interface.c_str(), f.removed ? "removed" : "kept", f.program.c_str(),
                tc_hook_name(f.hook), f.removed ? "" : ": a running weir uses it, stop that first");
  }
  return is_free;
}

}  // namespace

int detach_command(const DetachArguments& arguments) {
  int code = kOk;
  for (const std::string& name : arguments.interfaces.empty() ? all_interfaces() : arguments.interfaces) {
    const auto done = detach(name);
    if (!done) complain(done.error());
    if (!done || !*done) code = done ? kUnavailable : start_exit_code(done.error());
  }
  return code;
}

}  // namespace weir
