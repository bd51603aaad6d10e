#include "config/nearest_key.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "config/config_keys.h"

namespace weir {
namespace {

constexpr std::size_t kLongestName = 64;  // bounds the work that a hostile key can ask for

struct Candidate {
  std::string section;
  std::string name;
};

/// Keys and sections by the place where they are written, each once, in the table's order.
std::vector<Candidate> candidates() {
  std::vector<Candidate> all;
  const auto add = [&all](const std::string& section, const std::string& name) {
    const auto same = [&](const Candidate& c) { return c.section == section && c.name == name; };
    if (std::none_of(all.begin(), all.end(), same)) all.push_back({section, name});
  };
  for (const ConfigKey& key : config_keys()) {
    std::size_t start = 0;
    for (auto dot = key.path.find('.'); dot != std::string::npos; dot = key.path.find('.', start)) {
      add(key.path.substr(0, start == 0 ? 0 : start - 1), key.path.substr(start, dot - start));
      start = dot + 1;
    }
    add(key.section(), key.name());
  }
  return all;
}

/// A key of another section is one step further away; "http.port" in one word is near 'port' under 'http'.
std::size_t distance(const Candidate& c, const std::string& section, const std::string& unknown) {
  const std::size_t by_name = edit_distance(unknown, c.name);
  if (c.section == section) return by_name;
  return std::min(by_name, edit_distance(unknown, c.section + "." + c.name)) + 1;
}

std::string list_keys(const std::string& section, const std::vector<Candidate>& all) {
  std::string names;
  for (const Candidate& c : all)
    if (c.section == section) names += (names.empty() ? "" : ", ") + c.name;
  return "allowed here: " + names;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replace = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replace, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

std::string suggest_key(const std::string& section, const std::string& unknown) {
  const auto all = candidates();
  if (unknown.size() > kLongestName) return list_keys(section, all);
  const auto nearer = [&](const Candidate& a, const Candidate& b) {
    return distance(a, section, unknown) < distance(b, section, unknown);
  };
  const auto best = std::min_element(all.begin(), all.end(), nearer);
  if (distance(*best, section, unknown) > std::max<std::size_t>(2, unknown.size() / 3)) return list_keys(section, all);
  const std::string place = best->section == section ? "" : " under '" + best->section + "'";
  return "did you mean '" + best->name + "'" + (best->section.empty() && !section.empty() ? " at the top level" : place) +
         "?";
}

bool is_section(const std::string& path) {
  const auto& keys = config_keys();
  return std::any_of(keys.begin(), keys.end(), [&](const ConfigKey& k) { return k.path.rfind(path + ".", 0) == 0; });
}

}  // namespace weir
