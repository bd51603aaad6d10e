#pragma once

#include <string>

#include "config/value_types.h"
#include "sensor/sensor_options.h"

namespace weir::value {

/// An interface to watch: its name or a pattern alone, or a map of name, role and mirror.
struct Interface {
  std::string allowed() const;
  bool parse(const std::string& text, InterfaceOptions& out) const;
  std::string write(const InterfaceOptions& v) const;
};

[[nodiscard]] Result<void> read_value(const std::string& path, const YAML::Node& node, const Interface& type,
                                      InterfaceOptions& out);

}  // namespace weir::value
