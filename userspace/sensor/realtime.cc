#include "sensor/realtime.h"

#include <cerrno>
#include <fstream>

namespace weir {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

Result<void> refuse_realtime_kernel(const std::string& root) {
  // The file came with the out-of-tree patches and, later, with the kernel itself; the version says it on all of them.
  const bool is_realtime = first_line(root + "sys/kernel/realtime") == "1" ||
                           first_line(root + "proc/version").find("PREEMPT_RT") != std::string::npos;
  if (!is_realtime) return {};
  return fail(EOPNOTSUPP,
              "this is a real-time kernel (PREEMPT_RT): counts would not be exact there; boot the kernel without it");
}

}  // namespace weir
