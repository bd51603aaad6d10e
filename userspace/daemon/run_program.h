#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace weir {

struct ProgramResult {
  int code = 0;        ///< exit code; 128 + signal where one ended it
  std::string output;  ///< standard output and standard error
};

/// Runs a program of the PATH to its end, without a shell. An error: it cannot be started.
[[nodiscard]] Result<ProgramResult> run_program(const std::vector<std::string>& command);

}  // namespace weir
