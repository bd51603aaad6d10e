#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "publish/http_server.h"

namespace weir {

/// The pages that the HTTP server shows. The tick replaces them whole, so that no request waits for one to be rendered and
/// none sees half of it. Any thread.
class Board {
 public:
  void put(const std::string& path, std::string content_type, std::string body, int status = 200) {
    auto page = std::make_shared<const Page>(Page{std::move(content_type), std::move(body), status});
    const std::lock_guard lock(mutex_);
    pages_[path] = std::move(page);
  }

  std::shared_ptr<const Page> find(std::string_view path) const {
    const std::lock_guard lock(mutex_);
    const auto page = pages_.find(path);
    return page == pages_.end() ? nullptr : page->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Page>, std::less<>> pages_;
};

}  // namespace weir
