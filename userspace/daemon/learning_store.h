#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "detect/baselines.h"
#include "detect/learning_plan.h"
#include "model.h"

namespace weir {

/// The folder of learning.directory: `lessons`, `baselines`, and models/ with a file for each of the newest models. It is
/// used only where it is there already, belongs to the user who runs weir and no other weir uses it: a sensor that somebody
/// tries out by hand leaves nothing behind and does not touch the service's state. A file that cannot be used is set aside
/// (NAME.bad, in place of the one before), so that the next start does not stumble over it again and somebody can look at
/// it.
class LearningStore {
 public:
  static constexpr std::size_t kModelsKept = 4;

  static LearningStore open(const std::string& directory);

  /// Path of the newest model in a folder that some weir uses; empty: none can be seen there.
  static std::string newest_model(const std::string& directory);

  /// Why nothing is kept over a restart, and the remedy; empty: it is.
  const std::string& reason() const { return reason_; }

  /// What was kept. Files that could not be used are told by their errors.
  struct Found {
    std::optional<LearningState> state;
    std::shared_ptr<const Model> model;  ///< the newest that can be used
    std::string model_file;
    std::vector<std::string> problems;
  };
  Found read() const;

  /// Nothing where there is none. An error: it cannot be used, and tells what became of it.
  [[nodiscard]] Result<Baselines> read_baselines() const;

  /// All replace or add a file in one step; any thread, for each file one at a time. Nothing where nothing is kept.
  [[nodiscard]] Result<void> save(const LearningState& state) const;
  [[nodiscard]] Result<void> save(const Baselines& baselines) const;
  /// Returns the file's path. Old models go. Numbers order the names, dates are for people: a clock may be set back.
  [[nodiscard]] Result<std::string> save(const Model& model, std::int64_t now_ns) const;

 private:
  std::string path_of(const std::string& name) const { return directory_ + "/" + name; }
  std::vector<std::string> model_names() const;  // oldest first

  std::string directory_, reason_ = "not opened";
  UniqueFd lock_;
};

/// "2026-11-27T06:35Z"; of a time that no clock shows, its seconds.
std::string minute_text(std::int64_t time_ns);

}  // namespace weir
