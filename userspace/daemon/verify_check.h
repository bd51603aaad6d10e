#pragma once

#include <string>
#include <utility>

namespace weir {

enum class Outcome { kPass, kFail, kSkip };

/// One row of `weir verify`.
struct Check {
  std::string name;
  Outcome outcome = Outcome::kPass;
  std::string detail;       ///< a fact; of a skipped one, why
  std::string remedy;       ///< of a failure, and of what is worth a look
  bool wants_root = false;  ///< skipped for want of a right
};

inline Check passed(std::string name, std::string detail) {
  return {std::move(name), Outcome::kPass, std::move(detail), "", false};
}
inline Check failed(std::string name, std::string detail, std::string remedy) {
  return {std::move(name), Outcome::kFail, std::move(detail), std::move(remedy), false};
}
inline Check skipped(std::string name, std::string reason, std::string remedy = "") {
  return {std::move(name), Outcome::kSkip, std::move(reason), std::move(remedy), false};
}
inline Check skipped_for_root(std::string name, std::string reason) {
  return {std::move(name), Outcome::kSkip, std::move(reason), "sudo weir verify", true};
}

}  // namespace weir
