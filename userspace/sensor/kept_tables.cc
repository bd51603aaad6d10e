#include "sensor/kept_tables.h"

#include <algorithm>
#include <iterator>
#include <sstream>

namespace weir {
namespace {

constexpr const char* kPrefix = "map.";

/// The parts of "map.ABI.SETS4.SETS6.HOSTS.WORDS.ID.NAME"; the last may hold dots.
bool read_name(const std::string& text, KeptTables& tables, std::string& map) {
  std::istringstream in(text);
  std::string prefix;
  unsigned abi = 0;
  char dot = 0;
  TableSize& s = tables.size;
  std::getline(in, prefix, '.');
  in >> abi >> dot >> s.sets4 >> dot >> s.sets6 >> dot >> s.host_sets >> dot >> s.filter_words >> dot;
  std::getline(in, tables.id, '.');
  std::getline(in, map);
  return in && prefix == "map" && abi == WEIR_ABI_VERSION;
}

}  // namespace

std::optional<KeptTables> take_kept_tables(std::vector<Kept>& kept) {
  std::map<std::string, KeptTables> by_id;
  const auto maps = std::partition(kept.begin(), kept.end(), [](const Kept& k) { return k.name.rfind(kPrefix, 0) != 0; });
  for (auto k = maps; k != kept.end(); ++k) {
    KeptTables parts;
    std::string map;
    if (!read_name(k->name, parts, map)) continue;
    KeptTables& tables = by_id[parts.id];
    tables.id = parts.id;
    tables.size = parts.size;
    tables.maps[map] = std::move(k->fd);
  }
  kept.erase(maps, kept.end());
  const auto fullest = std::max_element(
      by_id.begin(), by_id.end(), [](const auto& a, const auto& b) { return a.second.maps.size() < b.second.maps.size(); });
  if (fullest == by_id.end()) return std::nullopt;
  return std::move(fullest->second);
}

std::string kept_map_name(const std::string& id, const TableSize& size, const std::string& map) {
  std::string out = kPrefix;
  for (const std::uint32_t n : {std::uint32_t{WEIR_ABI_VERSION}, size.sets4, size.sets6, size.host_sets, size.filter_words})
    out += std::to_string(n) + '.';
  return out + id + '.' + map;
}

}  // namespace weir
