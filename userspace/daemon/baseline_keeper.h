#pragma once

#include <cstdint>
#include <future>
#include <optional>
#include <string>
#include <utility>

#include "daemon/event_log.h"
#include "daemon/learning_store.h"
#include "daemon/write_trouble.h"
#include "detect/detector.h"
#include "publish/status.h"

namespace weir {

/// Keeps what rules have learned of hosts over a restart, whatever judges beside them. Written every ten minutes, in a
/// thread of low priority, and at the stop. One thread.
class BaselineKeeper {
 public:
  /// Reads what was kept, where the store keeps anything; it and the log outlive this.
  BaselineKeeper(const LearningStore& store, EventLog& events);

  /// What was kept; once.
  Baselines take_found() { return std::move(found_); }
  /// Logs how it begins. Apart, for a start that fails says one thing: why.
  void tell_start() const;

  /// A window has been judged. Starts to write when it is time.
  void count_window(const Detector& detector);
  /// For what is being written.
  void wait();
  /// Writes, and waits for it.
  void finish(const Detector& detector);

  const BaselineStatus& status() const { return status_; }

 private:
  struct Done {
    std::size_t left_out = 0;
    std::optional<Error> error;
  };
  static Done save(Baselines baselines, const LearningStore& store);
  void take(const Done& done);

  const LearningStore& store_;
  EventLog& events_;
  Baselines found_;
  std::string problem_;
  BaselineStatus status_;
  std::uint32_t windows_ = 0;  // since it was written last
  std::future<Done> work_;
  WriteTrouble trouble_{events_, "baselines", "they stay in memory, next try in ten minutes"};
};

}  // namespace weir
