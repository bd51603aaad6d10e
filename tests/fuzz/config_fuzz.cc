#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "config/config.h"
#include "config/config_keys.h"

/// Any bytes are a configuration or an error, never a crash or an exception; what is accepted survives being written out.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto config = weir::parse_config(text, "fuzz");
  if (!config) return 0;
  const std::string written = weir::render_config(*config);
  const auto again = weir::parse_config(written, "fuzz");
  if (!again || weir::render_config(*again) != written) std::abort();
  return 0;
}
