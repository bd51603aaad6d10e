#include <cstddef>
#include <cstdint>
#include <vector>

#include "model_file.h"
#include "model_seal.h"

/// Model files are read as if an enemy had written them: whatever loads must also be safe to score with. Once as the bytes
/// are, once with their hash put right, or no input would get past it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> file(data, data + size);
  for (const bool is_sealed : {false, true}) {
    if (is_sealed && !weir::seal(file)) break;
    const auto model = weir::model_from_bytes(file);
    if (!model) continue;
    weir::FeatureVector features{};
    features.fill(static_cast<double>(size));
    (void)model->score(features);
    (void)model->contributions(features);
  }
  return 0;
}
