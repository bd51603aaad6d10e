#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sensor/kept.h"
#include "sensor/table_size.h"

namespace weir {

/// The maps of one FlowMeter that outlived its process. Programs that are still attached go on counting into them.
struct KeptTables {
  std::string id;  ///< tells one FlowMeter's maps from another's
  TableSize size;
  std::map<std::string, UniqueFd> maps;  ///< by the map's name
};

/// Takes all maps out of `kept`. Empty if there are none of this version of the ABI; of several the one with most maps.
std::optional<KeptTables> take_kept_tables(std::vector<Kept>& kept);

/// Under which a map of these tables is kept.
std::string kept_map_name(const std::string& id, const TableSize& size, const std::string& map);

}  // namespace weir
