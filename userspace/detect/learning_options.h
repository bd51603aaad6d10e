#pragma once

#include <cstdint>
#include <string>

namespace weir {

/// How a running sensor comes to a model of its own traffic.
struct LearningOptions {
  bool enabled = true;                      ///< where no model was chosen (model.file)
  std::uint32_t hours = 24;                 ///< of traffic before the first model
  std::string directory = "/var/lib/weir";  ///< state; never made. Empty: none, what is learned goes with the process
};

}  // namespace weir
