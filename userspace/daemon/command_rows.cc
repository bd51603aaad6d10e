#include "daemon/command_rows.h"

#include <CLI/CLI.hpp>

namespace weir {
namespace {

// CLI11 tells of a value and its checks in one text: "HOW:{path,shap}", "UINT:UINT in [1 - 10000]", ":DATE".

/// What stands between two texts; empty where they do not.
std::string between(const std::string& text, const std::string& first, const std::string& second) {
  const auto at = text.find(first);
  const auto begin = at == std::string::npos ? at : at + first.size(), end = text.find(second, begin);
  return begin == std::string::npos || end == std::string::npos ? "" : text.substr(begin, end - begin);
}

std::string value_name(const std::string& type) {
  return CLI::detail::split(type[0] == ':' ? type.substr(1) : type, ':')[0];
}

std::string range(const std::string& type) {
  const auto ends = between(type, " in [", "]");
  const auto dash = ends.find(" - ");
  return dash == std::string::npos ? ends : ends.substr(0, dash) + " to " + ends.substr(dash + 3);
}

std::vector<std::string> names(const CLI::Option& option) {
  std::vector<std::string> all;
  for (const auto& name : option.get_snames()) all.push_back("-" + name);
  for (const auto& name : option.get_lnames()) all.push_back("--" + name);
  return all;
}

OptionRow option_row(const CLI::Option& option) {
  OptionRow row;
  row.names = names(option);
  row.meaning = option.get_description();
  row.is_required = option.get_required();
  row.is_repeated = option.get_expected_max() > 1;
  row.preset = option.get_default_str();
  if (option.get_positional()) {
    row.value = option.get_name(true);
  } else if (option.get_type_size() > 0) {
    const std::string type = option.get_type_name();
    row.value = value_name(type);
    row.range = range(type);
    if (const auto list = between(type, "{", "}"); !list.empty()) row.choices = CLI::detail::split(list, ',');
  }
  return row;
}

/// The options of groups, which CLI11 keeps as commands without a name, are their command's.
void add_options(const CLI::App& app, std::vector<OptionRow>& rows) {
  const bool is_group = app.get_name().empty();
  const auto is_shown = [&](const CLI::Option* o) {
    return !o->get_group().empty() && !(is_group && o == app.get_help_ptr());
  };
  for (const CLI::Option* option : app.get_options(is_shown)) rows.push_back(option_row(*option));
  for (const CLI::App* group : app.get_subcommands([](const CLI::App* a) { return a->get_name().empty(); })) {
    add_options(*group, rows);
  }
}

void add_rows(const CLI::App& app, const std::string& path, std::vector<CommandRow>& rows) {
  const auto commands =
      app.get_subcommands([](const CLI::App* a) { return !a->get_name().empty() && !a->get_group().empty(); });
  CommandRow row{path, app.get_description(), {}, !commands.empty()};
  add_options(app, row.options);
  rows.push_back(std::move(row));
  for (const CLI::App* command : commands) add_rows(*command, path + " " + command->get_name(), rows);
}

}  // namespace

std::vector<CommandRow> command_rows(const CLI::App& app) {
  std::vector<CommandRow> rows;
  add_rows(app, app.get_name(), rows);
  return rows;
}

}  // namespace weir
