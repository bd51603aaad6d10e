#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace weir {

/// The text of a configuration file with `interfaces` naming these, and nothing else changed: comments stay, and so do role
/// and mirror of an entry that is named again. The same text where it names them already. An error: the text is none that
/// could be used before, or it is written in a way that only a person can edit; `name` stands for the file in messages.
[[nodiscard]] Result<std::string> name_interfaces(const std::string& text, const std::string& name,
                                                  const std::vector<std::string>& interfaces);

}  // namespace weir
