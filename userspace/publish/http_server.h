#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "publish/publish_options.h"

namespace weir {

/// A rendered answer. Whoever publishes a new one keeps the old alive until it is sent, by shared_ptr.
struct Page {
  std::string content_type;
  std::string body;
  int status = 200;
};

/// The page at a path ("/metrics", without query), or nullptr for 404. Called on the HTTP thread: it hands out what was
/// rendered before, and neither waits nor throws.
using PageLookup = std::function<std::shared_ptr<const Page>(std::string_view path)>;

/// Serves pages by GET and HEAD from one thread of its own; takes no bodies. Slow and greedy clients are bounded by limits
/// on connections (64; 16 from one address), idle time (10 s) and memory (32 KiB each).
///
/// On a loopback address reads are open. On any other everything but /healthz needs the API key, as "X-API-Key: KEY" or
/// "Authorization: Bearer KEY". A Host header that names neither loopback, nor the address that was called, nor one of
/// allowed_hosts is refused: a web page must not reach the sensor by rebinding its own name (DNS rebinding).
class HttpServer {
 public:
  /// Listens when it returns; port 0 takes a free one. options.enabled is the caller's to look at. Error.code is
  /// EADDRINUSE for a port in use; off loopback a missing key is an error.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> start(const HttpOptions& options, PageLookup pages);
  /// Closes every connection, also in mid-answer, and joins the thread.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;

  /// Whom it answers. Of the same address, or it is another server.
  struct Access;
  [[nodiscard]] static Result<std::shared_ptr<const Access>> read_access(const HttpOptions& options);
  /// For requests from now on.
  void use(std::shared_ptr<const Access> access);

 private:
  struct State;
  explicit HttpServer(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace weir
