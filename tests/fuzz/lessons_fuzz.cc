#include <cstdint>
#include <cstdlib>
#include <vector>

#include "detect/lessons_file.h"
#include "model_seal.h"

/// What was learned is read as if an enemy had written it: what loads must be safe to make a training set of, and to write
/// again. Once as the bytes are, once with their hash put right, or no input would get past it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> file(data, data + size);
  for (const bool is_sealed : {false, true}) {
    if (is_sealed && !weir::seal(file)) break;
    const auto state = weir::learning_from_bytes(file);
    if (!state) continue;
    if (!state->lessons.training_set(state->lessons.hours()).features.allFinite()) std::abort();
    const auto again = weir::learning_to_bytes(*state);
    if (!again || !weir::learning_from_bytes(*again)) std::abort();
  }
  return 0;
}
