#pragma once

#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "config/config.h"
#include "daemon/event_log.h"
#include "daemon/learning_store.h"
#include "daemon/write_trouble.h"
#include "detect/learning_plan.h"
#include "publish/status.h"
#include "trainer.h"

namespace weir {

/// Learns what is ordinary on this gateway while it runs, and says with which model to judge: first the compiled-in one,
/// which only observes, then one of its own, which is made anew after each day of its first week (learning_plan.h). Training
/// and writing happen in a thread of low priority; no call here waits for it but finish(). Time counts in windows that were
/// watched, so no clock that is set decides anything; `now_ns`, the wall clock, is only told. One thread.
class Learning {
 public:
  /// `given`: of the configuration, or the compiled-in model. Goes on where the folder says that the last process ended.
  /// The log outlives this.
  Learning(const Config& config, std::shared_ptr<const Model> given, std::int64_t now_ns, EventLog& events);
  ~Learning();

  /// Logs how it begins. Apart, for a start that fails says one thing: why.
  void tell_start();

  /// Goes on by another configuration; `given` as at the start. What was learned so far counts on, also where the folder is
  /// another and empty one. May wait for a training, which it stops.
  void use(const Config& config, std::shared_ptr<const Model> given, std::int64_t now_ns);

  /// What to judge with.
  const std::shared_ptr<const Model>& model() const { return model_; }
  bool only_observes() const { return status_.phase == LearningPhase::kLearning; }

  /// A window as it was judged.
  void add(const ClosedWindow& window, const Judgement& judgement);
  /// Between two windows. True: model() is another one now.
  bool tick(std::int64_t now_ns);
  /// Writes what was learned. A training under way is stopped; the next process makes up for it.
  void finish();
  /// The work under way has ended; for tests.
  void wait() const;

  const LearningStatus& status() const { return status_; }
  /// Open also where no model is learned, for what rules learn.
  const LearningStore& store() const { return store_; }

 private:
  /// What the other thread brings back.
  struct Done {
    std::shared_ptr<const Model> model;  ///< of a training that succeeded
    std::size_t hosts = 0;
    std::string file;  ///< of the model; empty: not written
    std::optional<Error> training_error, write_error;
    double took_s = 0;
  };

  void begin(const Config& config, std::int64_t now_ns);
  void restore(std::int64_t now_ns);
  void open_store();
  void go_on_in_folder(std::int64_t now_ns);
  void start_training(std::int64_t now_ns);
  void start_saving(std::int64_t now_ns);
  template <class Work>
  void start(Work work);
  bool take(const Done& done, std::int64_t now_ns);
  void expect(std::int64_t now_ns);
  void tell_expected();
  void count_write_error(const Error& error);
  static Done save_all(const LearningState& state, const std::shared_ptr<const Model>& unsaved, const LearningStore& store,
                       std::int64_t now_ns);
  void refresh();

  static Done train_one(const Lessons& lessons, const TrainOptions& options, const LearningStore& store,
                        std::int64_t now_ns);

  EventLog& events_;
  LearningOptions options_;
  DetectOptions detect_;
  LearningStore store_;
  LearningState state_;
  LearningStatus status_;
  std::shared_ptr<const Model> given_, model_;
  std::stop_source stop_;
  std::future<Done> work_;                     // what it uses is its own, or store_, which outlives it
  std::uint64_t training_windows_ = 0;         // of the training under way
  std::uint64_t saved_at_ = 0, retry_at_ = 0;  // in windows
  std::vector<std::string> problems_;          // of the start
  std::string model_file_;                     // that was found then
  std::optional<std::int64_t> told_ns_;        // the expected time that was told last
  std::optional<std::uint64_t> told_at_;       // when, in windows
  bool is_model_unsaved_ = false;              // it judges, but could not be written
  WriteTrouble trouble_{events_, "learning", "it goes on in memory, next try in ten minutes"};
};

}  // namespace weir
