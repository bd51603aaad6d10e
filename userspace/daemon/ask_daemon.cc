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

[[nodiscard]] Result<HttpAnswer> call(const std::string& url, const std::string& key, const std::string& method) {
  const std::unique_ptr<CURL, Cleanup> handle(curl_easy_init());
  std::unique_ptr<curl_slist, Cleanup> headers;
  HttpAnswer answer;
  if (!key.empty()) headers.reset(curl_slist_append(nullptr, ("X-API-Key: " + key).c_str()));
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_NOPROXY, "*");
  curl_easy_setopt(handle.get(), CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT_MS, 5000L);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &answer.body);
  const CURLcode code = curl_easy_perform(handle.get());
  if (code != CURLE_OK) return fail(0, url + ": " + curl_easy_strerror(code) + "; does `weir run` run?");
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

}  // namespace

Result<HttpAnswer> call_daemon(const HttpOptions& http, const std::string& url, const std::string& path,
                               const std::string& method, bool shows_key) {
  const auto key = ApiKey::read(http.key_file);
  if (!key) return tl::make_unexpected(key.error());
  return call((url.empty() ? url_of(http) : url) + path, shows_key && *key ? (*key)->text() : "", method);
}

Result<std::string> ask_daemon(const HttpOptions& http, const std::string& url, const std::string& path) {
  auto answer = call_daemon(http, url, path, "GET", true);
  if (!answer) return tl::make_unexpected(answer.error());
  if (answer->status < 400) return std::move(answer->body);
  return fail(
      0, fmt::format("{}{}: it answers {}; does `weir run` run?", url.empty() ? url_of(http) : url, path, answer->status));
}

}  // namespace weir
