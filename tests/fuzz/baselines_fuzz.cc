#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "detect/baselines_file.h"
#include "detect/detector.h"
#include "model_seal.h"

namespace {

/// A window of each of the first hosts: whatever their past is, it must be safe to judge by.
void judge(weir::Detector& detector, const weir::Baselines& baselines, std::int64_t start_ns) {
  weir::ClosedWindow window;
  window.start_ns = start_ns;
  window.end_ns = window.decided_ns = start_ns + weir::kWindow_ns;
  auto signs = std::make_shared<weir::HostSigns>();
  signs->used = {{{}, 4444, 500}};
  for (std::size_t i = 0; i < baselines.traffic.size() && i < 10; ++i) {
    weir::HostWindow& host = window.hosts.emplace_back();
    host.host = baselines.traffic[i].host;
    host.start_ns = window.start_ns;
    host.end_ns = window.end_ns;
    host.home = true;
    host.packets = 1'000'000;
    host.signs = signs;
  }
  (void)detector.judge(window);
}

}  // namespace

/// What rules learned is read as if an enemy had written it: what loads must be safe to judge by, and to write again. Once
/// as the bytes are, once with their hash put right, or no input would get past it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::int64_t kNow = 1'700'000'000'000'000'000;
  std::vector<std::uint8_t> file(data, data + size);
  for (const bool is_sealed : {false, true}) {
    if (is_sealed && !weir::seal(file)) break;
    const auto baselines = weir::baselines_from_bytes(file);
    if (!baselines) continue;
    weir::Detector detector({}, nullptr);
    detector.restore(*baselines, kNow);
    judge(detector, *baselines, kNow);
    auto again = detector.baselines();
    weir::arrange(again);
    const auto bytes = weir::baselines_to_bytes(again);
    if (!bytes || !weir::baselines_from_bytes(*bytes)) std::abort();
  }
  return 0;
}
