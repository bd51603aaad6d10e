#include <algorithm>

#include "daemon/generated_texts.h"
#include "daemon/roff.h"

namespace weir {
namespace {

std::string with_stop(const std::string& sentence) {
  return sentence.empty() || sentence.back() == '.' ? sentence : sentence + ".";
}

std::string join(const std::vector<std::string>& parts, const std::string& between) {
  std::string all;
  for (const auto& part : parts) all += (all.empty() ? "" : between) + part;
  return all;
}

std::string value(const OptionRow& option) {
  return (option.value.empty() ? "" : roff_italic(option.value)) + (option.is_repeated && option.names.empty() ? "..." : "");
}

/// "-c, --config FILE"
std::string heading(const OptionRow& option) {
  std::vector<std::string> bold;
  for (const auto& name : option.names) bold.push_back(roff_bold(name));
  return join(bold, ", ") + (option.names.empty() || option.value.empty() ? "" : " ") + value(option);
}

/// As a line of usage has it: what is asked for, with the longest of its names, and places; the rest is "[OPTION...]".
std::string usage(const CommandRow& command) {
  std::string asked, places;
  bool has_more = false;
  for (const auto& option : command.options) {
    if (option.names.empty()) {
      places += " " + (option.is_required ? value(option) : "[" + value(option) + "]");
    } else if (option.is_required) {
      asked += " " + roff_bold(option.names.back()) + (option.value.empty() ? "" : " ") + value(option);
    } else {
      has_more = has_more || option.names.back() != "--help";
    }
  }
  return roff_bold(command.path) + asked + (has_more ? " [" + roff_italic("OPTION") + "...]" : "") + places +
         (command.has_commands ? " " + roff_italic("COMMAND") : "") + "\n";
}

std::string describe(const OptionRow& option) {
  std::string text = ".TP\n" + heading(option) + "\n" + roff(with_stop(option.meaning)) + "\n";
  if (!option.choices.empty()) text += "One of " + roff(join(option.choices, ", ")) + ".\n";
  if (!option.range.empty()) text += "From " + roff(option.range) + ".\n";
  if (!option.preset.empty()) text += "Default: " + roff(option.preset) + ".\n";
  return text;
}

std::string describe(const CommandRow& command) {
  std::string text = ".SS " + roff(command.path) + "\n" + usage(command) + ".PP\n" + roff(with_stop(command.meaning)) + "\n";
  const bool is_first = command.path.find(' ') == std::string::npos;
  for (const auto& option : command.options) {
    if (is_first || option.names.empty() || option.names.back() != "--help") text += describe(option);  // one is enough
  }
  return text;
}

}  // namespace

std::string command_manual(const std::vector<CommandRow>& rows) {
  std::string text;
  for (const auto& command : rows) text += describe(command);
  return text;
}

}  // namespace weir
