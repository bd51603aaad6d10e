#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "daemon/ask_daemon.h"
#include "daemon/commands.h"
#include "daemon/exit_code.h"
#include "daemon/log.h"
#include "daemon/settings.h"

namespace weir {
namespace {

using nlohmann::json;

std::string joined(const json& names) {
  std::string all;
  for (const json& name : names) all += (all.empty() ? "" : ", ") + name.get<std::string>();
  return all;
}

std::string clock_text(double unix_s) {
  const auto seconds = static_cast<time_t>(unix_s);
  tm local{};
  localtime_r(&seconds, &local);
  char text[32];
  strftime(text, sizeof text, "%H:%M:%S", &local);
  return text;
}

void print_thresholds(const json& host) {
  const json& group = host.at("group");
  fmt::print("{}: {}\n", host.at("host").get<std::string>(),
             group.is_null() ? "in no group" : "in group '" + group.get<std::string>() + "'");
  const json& model = host.at("model");
  fmt::print("  {:<20} {}\n", "model",
             !model.at("enabled").get<bool>() ? "off"
             : model.contains("threshold")    ? fmt::format("{:.3f}", model.at("threshold").get<double>())
                                              : "on");
  for (const json& rule : host.at("rules"))
    fmt::print("  {:<20} {}{}\n", rule.at("rule").get<std::string>(),
               rule.at("enabled").get<bool>() ? fmt::format("{:g}", rule.at("threshold").get<double>()) : "off",
               rule.at("own").get<bool>() ? " (of the group)" : "");
}

void print_silences(const json& host) {
  for (const json& s : host.at("silences")) {
    std::string when;
    for (const char* key : {"from", "daily", "until"})
      if (s.contains(key)) when += fmt::format(", {} {}", key, s.at(key).get<std::string>());
    fmt::print("{} '{}' of {}: {}{}, {}\n", s.at("by").get<std::string>(), s.at("name").get<std::string>(),
               joined(s.at("hosts")), s.at("kinds").empty() ? "all kinds" : joined(s.at("kinds")), when,
               s.at("holds_now").get<bool>() ? "holds now" : "does not hold now");
  }
}

void print_window(const json& w) {
  fmt::print("{} {:<11} {:>9} packets, score {:.3f} (model {:.3f})", clock_text(w.at("start").get<double>()),
             w.at("role").get<std::string>(), w.at("packets").get<std::uint64_t>(), w.at("score").get<double>(),
             w.at("model_score").get<double>());
  if (!w.at("kinds").empty()) fmt::print(", alarm: {}", joined(w.at("kinds")));
  if (!w.at("silenced").empty()) fmt::print(", silenced: {}", joined(w.at("silenced")));
  fmt::print("\n");
  for (const json& text : w.at("rules_say")) fmt::print("    {}\n", text.get<std::string>());
  for (const json& r : w.at("why"))
    fmt::print("    {:<28} {:>12.4g}   usual {:.4g}, seldom over {:.4g}; adds {:+.2f}\n", r.at("feature").get<std::string>(),
               r.at("value").get<double>(), r.at("p50").get<double>(), r.at("p99").get<double>(),
               r.at("contribution").get<double>());
}

void print_host(const json& host) {
  print_thresholds(host);
  print_silences(host);
  if (host.at("windows").empty()) fmt::print("no traffic of it was judged in the last minute\n");
  for (const json& window : host.at("windows")) print_window(window);
}

}  // namespace

int explain_command(const ExplainArguments& arguments) {
  const auto config = load_settings(arguments.config);
  if (!config) return complain(config.error()), kBadConfig;
  const auto host = IpAddress::parse(arguments.host);
  if (!host) return complain({0, "'" + arguments.host + "' is no IPv4 or IPv6 address"}), kUsage;
  const auto body = ask_daemon(config->publish.http, arguments.url, "/api/v1/hosts/" + host->to_string());
  if (!body) return complain(body.error()), kFailed;
  if (arguments.json) return std::printf("%s\n", body->c_str()), kOk;
  const auto answer = json::parse(*body, nullptr, false);
  if (!answer.is_object() || !answer.contains("silences")) return complain(not_weir()), kFailed;
  print_host(answer);
  return kOk;
}

}  // namespace weir
