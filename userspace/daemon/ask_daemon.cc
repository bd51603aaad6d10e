#include "daemon/ask_daemon.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <memory>

#include "publish/api_key.h"

namespace weir {
namespace {

std::size_t append(char* data, std::size_t size, std::size_t count, void* to) {
  static_cast<std::string*>(to)->append(data, size * count);
  return size * count;
}

struct Cleanup {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::string url_of(const HttpOptions& http) {
  const bool is_v6 = http.address.find(':') != std::string::npos;
  return fmt::format("http://{}:{}", is_v6 ? "[" + http.address + "]" : http.address, http.port);
}

[[nodiscard]] Result<std::string> get(const std::string& url, const std::string& key) {
  const std::unique_ptr<CURL, Cleanup> handle(curl_easy_init());
  std::unique_ptr<curl_slist, Cleanup> headers;
  std::string body;
  if (!key.empty()) headers.reset(curl_slist_append(nullptr, ("X-API-Key: " + key).c_str()));
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_NOPROXY, "*");
  curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT_MS, 5000L);
  curl_easy_setopt(handle.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &body);
  const CURLcode code = curl_easy_perform(handle.get());
  if (code != CURLE_OK) return fail(0, url + ": " + curl_easy_strerror(code) + "; does `weir run` run?");
  return body;
}

}  // namespace

Result<std::string> ask_daemon(const HttpOptions& http, const std::string& url, const std::string& path) {
  const auto key = ApiKey::read(http.key_file);
  if (!key) return tl::make_unexpected(key.error());
  return get((url.empty() ? url_of(http) : url) + path, *key ? (*key)->text() : "");
}

}  // namespace weir
