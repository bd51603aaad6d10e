#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "daemon/ask_daemon.h"
#include "daemon/commands.h"
#include "daemon/exit_code.h"
#include "daemon/learning_store.h"
#include "daemon/log.h"
#include "daemon/settings.h"

namespace weir {
namespace {

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

std::string time_text(const nlohmann::json& unix_s) {
  return unix_s.is_null() ? "" : minute_text(static_cast<std::int64_t>(unix_s.get<double>() * 1e9));
}

std::string learning_text(const nlohmann::json& l) {
  const auto state = l.at("state").get<std::string>();
  const auto why = l.at("not_kept").get<std::string>();
  const std::string lost = why.empty() ? "" : "; in memory only: " + why;
  if (state == "off") return "off: " + l.at("reason").get<std::string>() + lost;
  std::string text = fmt::format("{} since {}, {} windows in {:.1f} h", state, time_text(l.at("since")),
                                 l.at("windows").get<std::uint64_t>(), l.at("hours").get<double>());
  if (state == "learning") {
    const std::string when = time_text(l.at("switches_at"));
    text += fmt::format(" of {:g}; rules alert, the model only observes; ", l.at("hours_wanted").get<double>());
    text += when.empty() ? "too little traffic to say when it will switch" : "expects to switch at " + when;
  } else if (!l.at("calibrates_at").is_null()) {
    text += ", next model at " + time_text(l.at("calibrates_at"));
  }
  if (l.at("training").get<bool>()) text += ", training now";
  return text + lost;
}

void print_status(const nlohmann::json& s) {
  std::printf("weir %s, up %.0f s\n", s.at("version").get<std::string>().c_str(), s.at("uptime_s").get<double>());
  for (const auto& i : s.at("interfaces")) print_interface(i);
  std::printf("%-16s %.0f packets/s, %.0f bytes/s, %llu packets so far\n", "traffic",
              s.at("packets_per_second").get<double>(), s.at("bytes_per_second").get<double>(),
              static_cast<unsigned long long>(s.at("packets").at("seen").get<std::uint64_t>()));
  std::printf("%-16s %llu\n", "hosts", static_cast<unsigned long long>(s.at("hosts").get<std::uint64_t>()));
  std::printf("%-16s %s, threshold %.3f%s\n", "model", s.at("model").at("version").get<std::string>().c_str(),
              s.at("model").at("threshold").get<double>(),
              s.at("model").at("only_observes").get<bool>() ? " (only observes)" : "");
  std::printf("%-16s %s\n", "learning", learning_text(s.at("learning")).c_str());
  for (const auto& [kind, count] : s.at("alerts").items())
    std::printf("%-16s %llu\n", kind.c_str(), static_cast<unsigned long long>(count.get<std::uint64_t>()));
}

}  // namespace

int status_command(const StatusArguments& arguments) {
  const auto config = load_settings(arguments.config);
  if (!config) return complain(config.error()), kBadConfig;
  const auto body = ask_daemon(config->publish.http, arguments.url, "/api/v1/status");
  if (!body) return complain(body.error()), kFailed;
  if (arguments.json) return std::printf("%s\n", body->c_str()), kOk;
  const auto status = nlohmann::json::parse(*body, nullptr, false);
  if (!status.is_object() || !status.contains("version")) return complain(not_weir()), kFailed;
  print_status(status);
  return kOk;
}

}  // namespace weir
