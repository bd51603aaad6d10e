#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/unique_fd.h"
#include "sensor/capture.h"
#include "sensor/replay_source.h"

namespace {

/// Bounded: a file may ask for very many ticks.
constexpr int kMostTicks = 200;

void replay(const std::string& path) {
  auto capture = weir::Capture::open(path);
  if (!capture) return;
  weir::ReplaySource source(std::move(*capture), {.interfaces = {}, .flows = 64});
  weir::Snapshot tick;
  for (int i = 0; i < kMostTicks; ++i) {
    const auto more = source.read_tick(tick);
    if (!more) continue;  // said once; then it ends
    if (!*more) return;
    if (!tick.totals.is_conserved() || tick.totals.seen_packets == 0) std::abort();
  }
}

}  // namespace

/// Any file is a capture or an error, and every packet that it yields is counted.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const weir::UniqueFd file(memfd_create("capture", MFD_CLOEXEC));
  if (!file || write(file.get(), data, size) != static_cast<ssize_t>(size)) return 0;
  replay("/proc/self/fd/" + std::to_string(file.get()));
  return 0;
}
