#pragma once

#include <cstdint>
#include <string>

namespace weir {

/// Where a model comes from; shown by the API and written into its file.
struct Provenance {
  std::string version;        ///< free text, e.g. "default-1"
  std::string training_data;  ///< SHA-256 of the training rows, hex
  std::uint64_t rows = 0;
  std::uint64_t seed = 0;
  std::uint32_t trees = 0;
  std::uint32_t samples = 0;
};

}  // namespace weir
