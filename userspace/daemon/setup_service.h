#pragma once

#include <string>

#include "base/result.h"
#include "publish/publish_options.h"

namespace weir {

/// Starts weir.service, now and with the machine; one that runs already reloads instead. Returns once it answers: how it is
/// attached, one clause an interface. An error says what to look at.
[[nodiscard]] Result<std::string> start_service(const HttpOptions& http);

}  // namespace weir
