#pragma once

#include <string>
#include <vector>

#include "daemon/command_rows.h"

namespace weir {

// What the package's build makes of the tables that the program itself goes by: `weir --generate KIND` prints it.

/// Each command and its options, in roff: a section of weir(1).
std::string command_manual(const std::vector<CommandRow>& rows);

/// Each key of the configuration, in roff: a section of weir.yaml(5).
std::string config_manual();

/// A script for bash.
std::string bash_completion(const std::vector<CommandRow>& rows);

}  // namespace weir
