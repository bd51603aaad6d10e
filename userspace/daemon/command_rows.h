#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace weir {

struct OptionRow {
  std::vector<std::string> names;    ///< "-c", "--config"; none: an argument that is known by its place
  std::string value;                 ///< "FILE"; of a place its name; empty: none is taken
  std::vector<std::string> choices;  ///< the values that there are; none: they are not counted
  std::string range;                 ///< "1 to 10000"; empty: none is told
  std::string preset;                ///< default; empty: none is told
  std::string meaning;
  bool is_required = false;
  bool is_repeated = false;
};

struct CommandRow {
  std::string path;  ///< "weir model show"
  std::string meaning;
  std::vector<OptionRow> options;
  bool has_commands = false;
};

/// The command line as plain rows, for manual and completion: each command after the one that it belongs to. What --help
/// hides is not in it.
std::vector<CommandRow> command_rows(const CLI::App& app);

}  // namespace weir
