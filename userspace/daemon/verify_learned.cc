#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "daemon/learning_store.h"
#include "daemon/settings.h"
#include "daemon/verify_service.h"
#include "feature_schema.h"
#include "model_file.h"

namespace weir {
namespace {

using nlohmann::json;

/// Lessons, twice while they are written anew, baselines and five models.
constexpr std::uint64_t kRoomBytes = 128 << 20;

struct Origin {
  std::string what;
  Result<Model> model;
};

/// Where the model in force comes from, as far as the files tell.
Origin origin_of_model(const Config& config, const json& learning) {
  if (!config.detect.model.file.empty()) return {config.detect.model.file, load_model(config.detect.model.file)};
  if (learning.value("state", "") != "learned") return {"compiled in", default_model()};
  const std::string newest = LearningStore::newest_model(learning.value("directory", ""));
  if (newest.empty()) return {"learned", fail(ENOENT, "no model is in " + learning.value("directory", "no folder"))};
  return {newest, load_model(newest)};
}

std::string schema_text() { return fmt::format("schema {:016x}", schema_id()); }

/// What is wrong with where state is kept; empty: nothing.
std::string trouble_of(const json& status) {
  const json learning = status.value("learning", json::object()), baselines = status.value("baselines", json::object());
  const auto errors = learning.value("write_errors", 0) + baselines.value("write_errors", 0);
  const auto aside = learning.value("files_set_aside", 0) + baselines.value("files_set_aside", 0);
  std::string out = learning.value("not_kept", "");
  if (errors != 0) out += fmt::format("{}writing failed {} times", out.empty() ? "" : "; ", errors);
  if (aside != 0) out += fmt::format("{}{} damaged files were set aside", out.empty() ? "" : "; ", aside);
  return out;
}

/// Whether the service's user may write there. Nothing runs: nobody knows as whom, but for the package's user.
std::string not_writable(const struct stat& folder) {
  const passwd* user = getpwnam("weir");
  if (user == nullptr || folder.st_uid == user->pw_uid)
    return (folder.st_mode & S_IWUSR) != 0 ? "" : "not writable by its owner";
  return fmt::format("belongs to user {}, the service runs as weir ({})", folder.st_uid, user->pw_uid);
}

}  // namespace

Check check_model(const Config& config, const json& status) {
  const char* const name = "model";
  const json model = status.value("model", json::object());
  const std::string hash = model.value("sha256", "");
  if (!model.value("enabled", true)) return skipped(name, "model.enabled is false: rules alone judge");
  const Origin origin = origin_of_model(config, status.value("learning", json::object()));
  const std::string detail =
      fmt::format("{}, sha256 {}…, {}, {}{}", model.value("version", ""), hash.substr(0, 12), schema_text(), origin.what,
                  model.value("only_observes", false) ? ", only observes so far" : "");
  if (!origin.model && origin.model.error().what.find(std::strerror(EACCES)) != std::string::npos)
    return skipped_for_root(name, detail + ": " + origin.model.error().what);
  if (!origin.model)
    return failed(name, detail + ": " + origin.model.error().what,
                  "`weir model verify FILE`; without the file: sudo systemctl restart weir");
  if (model_hash(*origin.model) != hash)
    return failed(name, fmt::format("{}, but that one has sha256 {}…", detail, model_hash(*origin.model).substr(0, 12)),
                  "the sensor has another one loaded: sudo systemctl restart weir");
  return passed(name, detail + ", the same there");
}

Check check_state(const Config& config, const json& status) {
  const char* const name = "disk";
  const std::string& path = config.learning.directory;
  if (path.empty()) return skipped(name, "learning.directory names none: what is learned goes with the process");
  struct stat folder {};
  struct statvfs room {};
  if (stat(path.c_str(), &folder) != 0 || statvfs(path.c_str(), &room) != 0)
    return failed(name, path + ": " + std::strerror(errno),
                  fmt::format("sudo install -d -m 750 -o weir -g weir {}; sudo systemctl restart weir", path));
  const bool runs = status.is_object();
  const std::string why = runs ? trouble_of(status) : not_writable(folder);
  const std::uint64_t free = std::uint64_t{room.f_bavail} * room.f_frsize;
  const std::string detail = fmt::format("{}, {} MB free", path, free / 1'000'000);
  if (free < kRoomBytes || (room.f_files != 0 && room.f_favail < 16))
    return failed(name, detail + (why.empty() ? "" : "; " + why),
                  fmt::format("make room there: {} MB and 16 files", kRoomBytes / 1'000'000));
  if (!why.empty())
    return failed(name, detail + "; " + why,
                  "`journalctl -u weir` tells which file; after the repair: sudo systemctl restart weir");
  return passed(name, detail + (runs ? ", nothing failed to be written" : ""));
}

}  // namespace weir
