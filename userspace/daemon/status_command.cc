#include <curl/curl.h>
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "daemon/commands.h"
#include "daemon/exit_code.h"
#include "daemon/log.h"
#include "daemon/settings.h"
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

void print_interface(const nlohmann::json& i) {
  const auto text = [&i](const char* key) { return i.at(key).get<std::string>(); };
  if (text("state") != "attached") {
    std::printf("%-16s %s: %s\n", text("name").c_str(), text("state").c_str(), text("reason").c_str());
    return;
  }
  const std::string role = text("role") == "none" ? "" : text("role") + ", ";
  std::printf("%-16s %s%s %s%s, %s, %llu packets (%s)\n", text("name").c_str(), role.c_str(), text("hook").c_str(),
              text("mode").c_str(), i.at("mirror").get<bool>() ? ", mirror" : "", text("coverage").c_str(),
              static_cast<unsigned long long>(i.at("packets").get<std::uint64_t>()), text("counts").c_str());
}

void print_status(const nlohmann::json& s) {
  std::printf("weir %s, up %.0f s\n", s.at("version").get<std::string>().c_str(), s.at("uptime_s").get<double>());
  for (const auto& i : s.at("interfaces")) print_interface(i);
  std::printf("%-16s %.0f packets/s, %.0f bytes/s, %llu packets so far\n", "traffic",
              s.at("packets_per_second").get<double>(), s.at("bytes_per_second").get<double>(),
              static_cast<unsigned long long>(s.at("packets").at("seen").get<std::uint64_t>()));
  std::printf("%-16s %llu\n", "hosts", static_cast<unsigned long long>(s.at("hosts").get<std::uint64_t>()));
  std::printf("%-16s %s, threshold %.3f\n", "model", s.at("model").at("version").get<std::string>().c_str(),
              s.at("model").at("threshold").get<double>());
  for (const auto& [kind, count] : s.at("alerts").items())
    std::printf("%-16s %llu\n", kind.c_str(), static_cast<unsigned long long>(count.get<std::uint64_t>()));
}

}  // namespace

int status_command(const StatusArguments& arguments) {
  const auto config = load_settings(arguments.config);
  if (!config) return complain(config.error()), kBadConfig;
  const HttpOptions& http = config->publish.http;
  const auto key = ApiKey::read(http.key_file);
  if (!key) return complain(key.error()), kBadConfig;
  const std::string base = arguments.url.empty() ? url_of(http) : arguments.url;
  const auto body = get(base + "/api/v1/status", *key ? (*key)->text() : "");
  if (!body) return complain(body.error()), kFailed;
  if (arguments.json) return std::printf("%s\n", body->c_str()), kOk;
  const auto status = nlohmann::json::parse(*body, nullptr, false);
  if (!status.is_object() || !status.contains("version")) return complain({0, base + ": the answer is not weir's"}), kFailed;
  print_status(status);
  return kOk;
}

}  // namespace weir
