#include "config/name_interfaces.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "config/config.h"
#include "config/config_keys.h"
#include "config/interface_value.h"

namespace weir {
namespace {

constexpr const char* kKey = "interfaces";
constexpr std::size_t kNone = std::string::npos;

using Lines = std::vector<std::string>;  // each with its end
using Entries = std::vector<InterfaceOptions>;

Lines split(const std::string& text) {
  Lines lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  return lines;
}

std::string join(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

bool is_empty_or_comment(const std::string& line) {
  const std::size_t first = line.find_first_not_of(" \t\r\n");
  return first == kNone || line[first] == '#';
}

std::string line_end(const Lines& lines) { return !lines.empty() && lines[0].ends_with("\r\n") ? "\r\n" : "\n"; }

std::string flow_text(const Entries& entries) {
  return value::write_value(value::ListOf<value::Interface>{{}, entries.size()}, entries);
}

Entries entries_for(const std::vector<std::string>& names, const Entries& known) {
  Entries out;
  for (const std::string& name : names) {
    const auto same = std::ranges::find(known, name, &InterfaceOptions::name);
    out.push_back(same != known.end() ? *same : InterfaceOptions(name));
  }
  return out;
}

bool is_same(Entries a, Entries b) {
  std::ranges::sort(a, {}, &InterfaceOptions::name);
  std::ranges::sort(b, {}, &InterfaceOptions::name);
  return a == b;
}

/// Where the key, its value and the line after them begin.
struct Place {
  YAML::Mark key, value;
  bool has_dashes = false;
  std::vector<YAML::Mark> items = {};  // of a list with dashes
  std::size_t end_line = 0;
};

std::vector<YAML::Mark> marks_of(const YAML::Node& list) {
  std::vector<YAML::Mark> out;
  for (const auto& item : list) out.push_back(item.Mark());
  return out;
}

std::optional<Place> find_key(const YAML::Node& root, std::size_t lines) {
  std::optional<Place> place;
  for (const auto& entry : root)
    if (const YAML::Node& list = entry.second; entry.first.Scalar() == kKey) {
      const bool has_dashes = list.IsSequence() && list.Style() == YAML::EmitterStyle::Block;
      place =
          Place{entry.first.Mark(), list.Mark(), has_dashes, has_dashes ? marks_of(list) : std::vector<YAML::Mark>(), lines};
    }
  for (const auto& entry : root)
    if (const int line = entry.first.Mark().line; place && line > place->key.line)
      place->end_line = std::min(place->end_line, static_cast<std::size_t>(line));
  return place;
}

/// Before the first key, behind the comment that names the file's purpose.
void insert(Lines& lines, const YAML::Node& root, const Entries& wanted) {
  std::size_t at = lines.size();
  for (const auto& entry : root) at = std::min(at, static_cast<std::size_t>(entry.first.Mark().line));
  while (root.size() > 0 && at > 0 && !lines[at - 1].empty() && lines[at - 1][0] == '#') --at;  // its own comment
  const std::string end = line_end(lines);
  if (at > 0 && !lines[at - 1].ends_with('\n')) lines[at - 1] += end;
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), std::string(kKey) + ": " + flow_text(wanted) + end);
}

/// Behind the value that begins at `at`: a list in brackets, or a plain or quoted word; kNone: it goes on in another line.
std::size_t end_of_value(const std::string& line, std::size_t at) {
  int depth = 0;
  char quote = 0;
  for (std::size_t i = at; i < line.size(); ++i) {
    const char c = line[i];
    const bool is_blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (quote != 0) {
      if (c == quote) quote = 0;
      if (quote == 0 && depth == 0) return i + 1;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      if (--depth == 0) return i + 1;
    } else if (depth == 0 && is_blank) {
      return i;
    }
  }
  return depth == 0 && quote == 0 ? line.size() : kNone;
}

/// False where it is not written in one line.
bool replace_in_line(Lines& lines, const Place& place, const Entries& wanted) {
  if (place.value.line != place.key.line) return false;
  std::string& line = lines[static_cast<std::size_t>(place.value.line)];
  const auto at = static_cast<std::size_t>(place.value.column);
  const std::size_t end = at < line.size() ? end_of_value(line, at) : kNone;
  if (end == kNone) return false;
  line.replace(at, end - at, flow_text(wanted));
  return true;
}

/// Lines of an item of a list with dashes; comments after it are not its.
struct Item {
  std::size_t first, behind;
};

std::vector<Item> items_of(const Lines& lines, const Place& place) {
  std::vector<Item> items;
  for (const YAML::Mark& mark : place.items) items.push_back({static_cast<std::size_t>(mark.line), 0});
  for (std::size_t i = 0; i < items.size(); ++i) {
    items[i].behind = i + 1 < items.size() ? items[i + 1].first : place.end_line;
    while (items[i].behind > items[i].first + 1 && is_empty_or_comment(lines[items[i].behind - 1])) --items[i].behind;
  }
  return items;
}

/// Takes the items away that are not wanted, and adds those that are new behind the last.
bool replace_items(Lines& lines, const Place& place, const Entries& known, const Entries& wanted) {
  const auto items = items_of(lines, place);
  if (items.empty() || items.size() != known.size()) return false;
  const std::string& first = lines[items[0].first];
  const std::size_t dash = first.find('-');
  if (dash == kNone || first.find_first_not_of(' ') != dash) return false;
  std::string added;
  for (const InterfaceOptions& w : wanted)
    if (std::ranges::find(known, w) == known.end())
      added += first.substr(0, dash) + "- " + value::Interface{}.write(w) + line_end(lines);
  std::string& last = lines[items.back().behind - 1];
  if (!last.ends_with('\n')) last += line_end(lines);
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(items.back().behind), added);
  for (std::size_t i = 0; i < items.size(); ++i)
    if (std::ranges::find(wanted, known[i]) == wanted.end())
      for (std::size_t line = items[i].first; line < items[i].behind; ++line) lines[line].clear();
  return true;
}

bool edit(Lines& lines, const Entries& known, const Entries& wanted) {
  const YAML::Node root = YAML::Load(join(lines));
  if (!root.IsNull() && root.Style() == YAML::EmitterStyle::Flow) return false;
  const auto place = find_key(root, lines.size());
  if (!place) return insert(lines, root, wanted), true;
  return place->has_dashes ? replace_items(lines, *place, known, wanted) : replace_in_line(lines, *place, wanted);
}

/// Whatever YAML there was that the edit did not reckon with.
bool is_all_else_kept(Config before, Config after) {
  before.sensor.interfaces.clear();
  after.sensor.interfaces.clear();
  return render_config(before) == render_config(after);
}

}  // namespace

Result<std::string> name_interfaces(const std::string& text, const std::string& name,
                                    const std::vector<std::string>& interfaces) {
  const auto before = parse_config(text, name);
  if (!before) return tl::make_unexpected(before.error());
  const Entries& known = before->sensor.interfaces;
  const Entries wanted = entries_for(interfaces, known);
  if (is_same(known, wanted)) return text;
  if (const auto alone = parse_config(std::string(kKey) + ": " + flow_text(wanted), "as given"); !alone)
    return tl::make_unexpected(alone.error());
  const std::string by_hand =
      name + ": it is not written in a way that can be edited safely; put there by hand: " + kKey + ": " + flow_text(wanted);
  Lines lines = split(text);
  if (!edit(lines, known, wanted)) return fail(EINVAL, by_hand);
  std::string edited = join(lines);
  const auto after = parse_config(edited, name);
  if (!after || !is_same(after->sensor.interfaces, wanted) || !is_all_else_kept(*before, *after))
    return fail(EINVAL, by_hand);
  return edited;
}

}  // namespace weir
