#include "daemon/verify_before.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "daemon/settings.h"
#include "publish/http_server.h"
#include "sensor/device.h"
#include "sensor/interface.h"
#include "sensor/interface_selection.h"

namespace weir {
namespace {

/// What dpkg lays beside a conffile that was changed by hand.
std::string newer_beside(const std::string& path) {
  for (const char* end : {".dpkg-dist", ".dpkg-new"})
    if (access((path + end).c_str(), F_OK) == 0) return path + end;
  return "";
}

[[nodiscard]] Result<void> could_attach_to(const std::string& interface) {
  const auto index = interface_index(interface);
  if (!index) return tl::make_unexpected(index.error());
  if (auto ethernet = require_ethernet(interface); !ethernet) return ethernet;
  return refuse_foreign_program(interface, *index);
}

}  // namespace

CheckedConfig check_config_file(const std::string& path) {
  const char* const name = "configuration";
  const std::string file = path.empty() ? kDefaultConfig : path;
  auto config = load_settings(path);
  const char* const remedy = "correct it; `weir check-config` says when it is right";
  if (!config && config.error().code == EACCES) return {skipped_for_root(name, config.error().what), {}};
  if (!config) return {failed(name, config.error().what, remedy), {}};
  if (const auto model = load_or_default_model(config->detect.model.file); !model)
    return {failed(name, model.error().what, "set model.file to a file that `weir model verify` takes, or to \"\""),
            *config};
  if (access(file.c_str(), F_OK) != 0) return {passed(name, "no " + file + ": the built-in one"), *config};
  CheckedConfig out{passed(name, file), std::move(*config)};
  if (const std::string newer = newer_beside(file); !newer.empty())
    out.check.remedy = fmt::format("it was changed by hand and kept at an upgrade: diff {} {}", file, newer);
  return out;
}

Check check_could_attach(const Config& given) {
  const char* const name = "attached";
  Config config = given;
  if (const auto chosen = choose_interfaces({}, config); !chosen)
    return failed(name, chosen.error().what, "sudo weir setup NAME");
  std::string free;
  for (const InterfaceOptions& wanted : config.sensor.interfaces) {
    const auto could = wanted.is_pattern() ? Result<void>{} : could_attach_to(wanted.name);
    if (!could) return failed(name, could.error().what, could.error().code == ENODEV ? "sudo weir setup NAME" : "");
    free += (free.empty() ? "" : ", ") + wanted.name;
  }
  return skipped(name, "nothing is, but could be: " + free);
}

Check check_could_listen(const HttpOptions& http, const Error& silence) {
  const char* const name = "API";
  const auto server = HttpServer::start(http, [](std::string_view) { return nullptr; });
  if (server)
    return failed(name, fmt::format("nobody answers; {} port {} is free", http.address, http.port),
                  "sudo weir setup, or sudo systemctl start weir");
  if (server.error().code != EADDRINUSE) return failed(name, server.error().what, "");
  return failed(name, silence.what + fmt::format("; but somebody has port {}", http.port),
                "`ss -ltnp` tells who; a key is read from http.key_file or WEIR_API_KEY");
}

}  // namespace weir
