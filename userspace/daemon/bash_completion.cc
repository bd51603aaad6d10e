#include "daemon/generated_texts.h"

namespace weir {
namespace {

// Bare of bash-completion's own functions: it works wherever the file is sourced. Names of files and interfaces are
// never expanded, whatever is in them.
constexpr const char* kHead = R"(# Completion of weir(1) for bash.
_weir_files() {
  compopt -o filenames
  mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_weir_interfaces() {
  mapfile -t COMPREPLY < <(cd /sys/class/net 2>/dev/null && compgen -f -- "$1")
}

_weir_words() {
  mapfile -t COMPREPLY < <(compgen -W "$2" -- "$1")
}

_weir() {
  local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} command=weir word
  # --option=value is three words to bash.
  if [ "$current" = = ]; then current=; elif [ "$option" = = ]; then option=${COMP_WORDS[COMP_CWORD - 2]}; fi
  COMPREPLY=()
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$command $word" in
)";

constexpr const char* kTail = R"(  esac
}

complete -F _weir weir
)";

std::string joined(const std::vector<std::string>& parts, const std::string& before, const std::string& between) {
  std::string all;
  for (const auto& part : parts) all.append(all.empty() ? "" : between).append(before).append(part);
  return all;
}

/// What completes a value of this name; ":" where nobody but the caller knows it.
std::string completer(const OptionRow& option) {
  if (!option.choices.empty()) return "_weir_words \"$current\" \"" + joined(option.choices, "", " ") + "\"";
  if (option.value == "FILE" || option.value == "CAPTURE") return "_weir_files \"$current\"";
  if (option.value == "INTERFACE") return "_weir_interfaces \"$current\"";
  return ":";
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

/// The words that lead from a command to one that belongs to it.
std::string command_patterns(const std::vector<CommandRow>& rows) {
  std::string patterns;
  for (const auto& row : rows) {
    if (row.path.find(' ') != std::string::npos) patterns += (patterns.empty() ? "" : " | ") + quoted(row.path);
  }
  return "      " + patterns + ") command=\"$command $word\" ;;\n    esac\n  done\n";
}

std::string value_cases(const std::vector<CommandRow>& rows) {
  std::string cases = "  case \"$command $option\" in\n";
  for (const auto& row : rows) {
    for (const auto& option : row.options) {
      if (option.names.empty() || option.value.empty()) continue;
      std::vector<std::string> patterns;
      for (const auto& name : option.names) patterns.push_back(quoted(row.path + " " + name));
      cases += "    " + joined(patterns, "", " | ") + ") " + completer(option) + "; return ;;\n";
    }
  }
  return cases + "  esac\n";
}

/// The words behind a command: its options after a dash, else the commands that belong to it or what stands in its place.
std::string word_case(const CommandRow& row, const std::vector<CommandRow>& rows) {
  std::string options, commands, place = ":";
  for (const auto& option : row.options) {
    options += joined(option.names, "", " ") + (option.names.empty() ? "" : " ");
    if (option.names.empty()) place = completer(option);
  }
  for (const auto& other : rows) {
    if (other.path.rfind(row.path + " ", 0) != 0) continue;
    const std::string word = other.path.substr(row.path.size() + 1);
    if (word.find(' ') == std::string::npos) commands += word + " ";
  }
  if (row.has_commands) place = "_weir_words \"$current\" \"" + commands + "\"";
  const std::string pattern = "    " + quoted(row.path + ":");
  return pattern + "-*) _weir_words \"$current\" \"" + options + "\" ;;\n" + pattern + "*) " + place + " ;;\n";
}

}  // namespace

std::string bash_completion(const std::vector<CommandRow>& rows) {
  std::string text = kHead + command_patterns(rows) + value_cases(rows) + "  case \"$command:$current\" in\n";
  for (const auto& row : rows) text += word_case(row, rows);
  return text + kTail;
}

}  // namespace weir
