#include "daemon/learning_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "detect/baselines_file.h"
#include "detect/lessons_file.h"
#include "file_bytes.h"
#include "model_file.h"

namespace weir {
namespace {

constexpr const char* kLessons = "lessons";
constexpr const char* kBaselines = "baselines";
constexpr const char* kModels = "models";
constexpr const char* kModelEnd = ".model";
constexpr std::size_t kDigits = 6;

/// Why the directory cannot hold our state; empty: it can.
std::string obstacle(const std::string& path, const UniqueFd& folder) {
  if (!folder) return fmt::format("{}: {}", path, std::strerror(errno));
  struct stat about {};
  if (fstat(folder.get(), &about) != 0) return fmt::format("{}: {}", path, std::strerror(errno));
  if (about.st_uid != geteuid())
    return fmt::format("{}: belongs to user {}, weir runs as {}", path, about.st_uid, geteuid());
  if (faccessat(folder.get(), ".", W_OK | X_OK, AT_EACCESS) != 0) return fmt::format("{}: {}", path, std::strerror(errno));
  if (flock(folder.get(), LOCK_EX | LOCK_NB) != 0) return path + ": another weir uses it";
  return "";
}

/// The number that a model's file name begins with.
std::optional<unsigned> number_of(const std::string& name) {
  unsigned number = 0;
  const char* end = name.data() + name.size();
  const bool is_model = name.size() > kDigits && name.ends_with(kModelEnd) &&
                        std::from_chars(name.data(), end, number).ptr == name.data() + kDigits && name[kDigits] == '-';
  return is_model ? std::optional(number) : std::nullopt;
}

/// Out of the way of the next start. Returns what to tell.
std::string set_aside(const std::string& path, const std::string& bad, const Error& error) {
  const bool is_moved = std::rename(path.c_str(), bad.c_str()) == 0;
  return fmt::format("{}; {}", error.what,
                     is_moved ? "set aside as " + bad : fmt::format("it stays: {}", std::strerror(errno)));
}

[[nodiscard]] Result<LearningState> load_lessons(const std::string& path) {
  const auto bytes = read_file(path, kMaxLearningBytes);
  if (!bytes) return tl::make_unexpected(bytes.error());
  auto state = learning_from_bytes(*bytes);
  if (!state) return fail(state.error(), path);
  return state;
}

}  // namespace

std::string minute_text(std::int64_t time_ns) {
  const std::time_t seconds = time_ns / 1'000'000'000;
  std::tm broken{};
  char text[32];
  if (gmtime_r(&seconds, &broken) == nullptr || std::strftime(text, sizeof text, "%Y-%m-%dT%H:%MZ", &broken) == 0)
    return std::to_string(seconds);
  return text;
}

LearningStore LearningStore::open(const std::string& directory) {
  LearningStore store;
  if (directory.empty()) {
    store.reason_ = "learning.directory names none";
    return store;
  }
  store.lock_ = UniqueFd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::string problem = obstacle(directory, store.lock_);
  store.directory_ = directory;
  store.reason_ =
      problem.empty() ? "" : problem + "; name a folder of this user's own in learning.directory, and start weir again";
  return store;
}

std::vector<std::string> LearningStore::model_names() const {
  std::vector<std::string> names;
  DIR* folder = opendir(path_of(kModels).c_str());
  if (folder == nullptr) return names;
  while (const dirent* entry = readdir(folder))
    if (number_of(entry->d_name)) names.emplace_back(entry->d_name);
  closedir(folder);
  std::ranges::sort(names);
  return names;
}

std::string LearningStore::newest_model(const std::string& directory) {
  LearningStore store;
  store.directory_ = directory;
  const auto names = store.model_names();
  return names.empty() ? "" : store.path_of(kModels) + "/" + names.back();
}

LearningStore::Found LearningStore::read() const {
  Found found;
  if (!reason_.empty()) return found;
  const std::string lessons = path_of(kLessons);
  if (access(lessons.c_str(), F_OK) == 0) {
    auto state = load_lessons(lessons);
    if (state)
      found.state = std::move(*state);
    else
      found.problems.push_back(set_aside(lessons, lessons + ".bad", state.error()));
  }
  const auto names = model_names();
  for (auto name = names.rbegin(); name != names.rend() && !found.model; ++name) {
    const std::string path = path_of(std::string(kModels) + "/" + *name);
    auto model = load_model(path);
    if (!model) {
      found.problems.push_back(set_aside(path, path_of(std::string(kModels) + "/bad"), model.error()));
      continue;
    }
    found.model = std::make_shared<const Model>(std::move(*model));
    found.model_file = path;
  }
  return found;
}

Result<Baselines> LearningStore::read_baselines() const {
  const std::string path = path_of(kBaselines);
  if (!reason_.empty() || access(path.c_str(), F_OK) != 0) return Baselines();
  const auto bytes = read_file(path, kMaxBaselinesBytes);
  auto baselines = bytes ? baselines_from_bytes(*bytes) : tl::make_unexpected(bytes.error());
  if (baselines) return baselines;
  const Error named = bytes ? Error{baselines.error().code, path + ": " + baselines.error().what} : bytes.error();
  return fail(named.code, set_aside(path, path + ".bad", named));
}

Result<void> LearningStore::save(const Baselines& baselines) const {
  if (!reason_.empty()) return {};
  const auto bytes = baselines_to_bytes(baselines);
  if (!bytes) return fail(bytes.error(), path_of(kBaselines));
  return write_file(path_of(kBaselines), *bytes);
}

Result<void> LearningStore::save(const LearningState& state) const {
  if (!reason_.empty()) return {};
  const auto bytes = learning_to_bytes(state);
  if (!bytes) return fail(bytes.error(), path_of(kLessons));
  return write_file(path_of(kLessons), *bytes);
}

Result<std::string> LearningStore::save(const Model& model, std::int64_t now_ns) const {
  if (!reason_.empty()) return std::string();
  const std::string folder = path_of(kModels);
  if (mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) return fail(errno, folder + ": " + std::strerror(errno));
  auto names = model_names();
  const unsigned number = names.empty() ? 1 : *number_of(names.back()) + 1;
  std::string date = minute_text(now_ns);
  std::erase(date, ':');
  const std::string path = fmt::format("{}/{:0{}}-{}{}", folder, number, kDigits, date, kModelEnd);
  if (auto saved = save_model(model, path); !saved) return tl::make_unexpected(saved.error());
  for (std::size_t i = 0; i + kModelsKept <= names.size(); ++i) unlink((folder + "/" + names[i]).c_str());
  return path;
}

}  // namespace weir
