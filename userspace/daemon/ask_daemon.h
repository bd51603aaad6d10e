#pragma once

#include <string>

#include "base/result.h"
#include "publish/publish_options.h"

namespace weir {

/// What the running sensor answers to GET `path`: at `url` ("http://HOST:PORT"), or if that is empty where `http` has it
/// listen, with the key that `http` and the environment have. An error says whom it asked and what to look at.
[[nodiscard]] Result<std::string> ask_daemon(const HttpOptions& http, const std::string& url, const std::string& path);

struct HttpAnswer {
  long status = 0;
  std::string body;
};
/// The same for any method and whatever the status; without the key where `shows_key` is false.
[[nodiscard]] Result<HttpAnswer> call_daemon(const HttpOptions& http, const std::string& url, const std::string& path,
                                             const std::string& method, bool shows_key);

/// Of an answer that is no JSON object of ours.
inline Error not_weir() { return {0, "the answer is not weir's: does another program listen there?"}; }

}  // namespace weir
