#include "daemon/learning.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <new>
#include <system_error>
#include <utility>

#include "daemon/low_priority.h"

namespace weir {
namespace {

constexpr std::uint64_t kSaveEvery = 60;  // windows: 10 minutes
constexpr std::uint64_t kRetryAfter = kWindowsPerHour;
constexpr std::uint64_t kTellEvery = 60;  // at most, when the expected time has changed
constexpr double kMuch = 0.1;             // of learning.hours: by less it has not

/// Why nothing is learned; empty: it is.
std::string why_off(const Config& config) {
  if (!config.detect.model.enabled) return "model.enabled is false";
  if (!config.detect.model.file.empty()) return "model.file names a model";
  return config.learning.enabled ? "" : "learning.enabled is false";
}

bool is_near(const std::optional<std::int64_t>& a, const std::optional<std::int64_t>& b, double much) {
  return a.has_value() == b.has_value() && (!a || std::abs(static_cast<double>(*a - *b)) < much);
}

std::size_t host_count(const TrainingSet& set) {
  return set.host.empty() ? 0 : std::size_t{*std::ranges::max_element(set.host)} + 1;
}

}  // namespace

Learning::Learning(const Config& config, std::shared_ptr<const Model> given, std::int64_t now_ns, EventLog& events)
    : events_(events), given_(std::move(given)) {
  begin(config, now_ns);
}

void Learning::begin(const Config& config, std::int64_t now_ns) {
  options_ = config.learning;
  detect_ = config.detect;
  model_ = given_;
  status_.phase = LearningPhase::kOff;
  status_.since_ns = now_ns;
  status_.reason = why_off(config);
  open_store();
  if (status_.reason.empty()) restore(now_ns);
}

void Learning::open_store() {
  store_ = {};  // its lock, where it is the same folder
  is_model_unsaved_ = false;
  store_ = LearningStore::open(options_.directory);
  status_.not_kept = store_.reason();
  status_.kept_in = status_.not_kept.empty() ? options_.directory : "";
}

void Learning::use(const Config& config, std::shared_ptr<const Model> given, std::int64_t now_ns) {
  given_ = std::move(given);
  const bool was_on = status_.phase != LearningPhase::kOff, is_on = why_off(config).empty();
  const bool has_folder = config.learning.directory == options_.directory;
  detect_ = config.detect;
  if (was_on && is_on && has_folder) {
    options_ = config.learning;
    refresh();
    expect(now_ns);
    return;
  }
  finish();
  stop_ = std::stop_source();
  if (was_on && is_on) {
    options_ = config.learning;
    open_store();
    go_on_in_folder(now_ns);
  } else {
    state_ = {};
    status_ = {};
    begin(config, now_ns);
  }
  if (was_on || is_on || !has_folder) tell_start();
}

/// With what lies in the new folder, else with what was learned in the one before.
void Learning::go_on_in_folder(std::int64_t now_ns) {
  const LearningState state = std::exchange(state_, {});
  const LearningPhase phase = status_.phase;
  const std::int64_t since_ns = status_.since_ns;
  const auto model = std::exchange(model_, given_);
  restore(now_ns);
  if (status_.phase == LearningPhase::kLearned || state_.lessons.counts.windows != 0) return;
  state_ = state;
  model_ = model;
  status_.phase = phase;
  status_.since_ns = since_ns;
  saved_at_ = 0;  // the next tick writes it
  if (phase == LearningPhase::kLearned)
    if (auto saved = store_.save(*model_, now_ns); !saved) {
      count_write_error(saved.error());
      is_model_unsaved_ = true;
    }
  refresh();
  expect(now_ns);
}

Learning::~Learning() { stop_.request_stop(); }

void Learning::restore(std::int64_t now_ns) {
  auto found = store_.read();
  problems_ = std::move(found.problems);
  status_.files_set_aside = problems_.size();
  status_.phase = found.model ? LearningPhase::kLearned : LearningPhase::kLearning;
  if (found.state) state_ = std::move(*found.state);
  // Somebody has taken the models away, and there is nothing left to make another of: from the start.
  if (!found.model && state_.lessons.sources().empty()) state_ = {};
  saved_at_ = state_.lessons.counts.windows;
  model_file_ = found.model_file;
  if (found.model) model_ = std::move(found.model);
  refresh();
  expect(now_ns);
}

void Learning::tell_start() {
  if (!status_.not_kept.empty())
    events_.warn(EventKind::kError, "learning: what is learned goes with this process: " + status_.not_kept);
  if (status_.phase == LearningPhase::kOff) return;
  for (const std::string& problem : problems_) events_.warn(EventKind::kError, "learning: " + problem);
  if (!model_file_.empty())
    events_.info(EventKind::kSwitch,
                 fmt::format("learning: goes on with {} ({})", model_->provenance().version, model_file_));
  tell_expected();
}

void Learning::add(const ClosedWindow& window, const Judgement& judgement) {
  if (status_.phase == LearningPhase::kOff || is_finished(state_, !only_observes())) return;
  state_.lessons.add(window, judgement, detect_);
}

bool Learning::tick(std::int64_t now_ns) {
  if (status_.phase == LearningPhase::kOff) return false;
  bool is_other = false;
  if (work_.valid()) {
    if (work_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return false;
    is_other = take(work_.get(), now_ns);
  }
  const std::uint64_t windows = state_.lessons.counts.windows;
  if (windows >= retry_at_ && windows_until_training(state_, options_, !only_observes()) == 0U)
    start_training(now_ns);
  else if (windows - saved_at_ >= kSaveEvery)
    start_saving(now_ns);
  refresh();
  expect(now_ns);
  tell_expected();
  return is_other;
}

Learning::Done Learning::train_one(const Lessons& lessons, const TrainOptions& options, const LearningStore& store,
                                   std::int64_t now_ns) {
  const auto began = std::chrono::steady_clock::now();
  Done done;
  const TrainingSet set = lessons.training_set(lessons.hours());
  done.hosts = host_count(set);
  auto model = train(set, options);
  if (!model) {
    done.training_error = model.error();
    return done;
  }
  done.model = std::make_shared<const Model>(std::move(*model));
  auto file = store.save(*done.model, now_ns);
  if (file)
    done.file = std::move(*file);
  else
    done.write_error = file.error();
  done.took_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return done;
}

template <class Work>
void Learning::start(Work work) {
  try {
    work_ = std::async(std::launch::async, [work = std::move(work)] {
      lower_priority();
      try {
        return work();
      } catch (const std::bad_alloc&) {
        const Error error{ENOMEM, "not enough memory to train or to write"};
        return Done{nullptr, 0, "", error, error, 0};
      }
    });
  } catch (const std::system_error& error) {  // no thread to be had
    std::promise<Done> none;
    none.set_value(
        Done{nullptr, 0, "", Error{error.code().value(), error.what()}, Error{error.code().value(), error.what()}, 0});
    work_ = none.get_future();
  }
}

void Learning::start_training(std::int64_t now_ns) {
  TrainOptions options;
  options.alarms_per_day = detect_.budget_per_day;
  options.version = "learned-" + minute_text(now_ns);
  options.stop = stop_.get_token();
  status_.is_training = true;
  training_windows_ = state_.lessons.counts.windows;
  // A copy, and no set made of it here: that takes longer than a tick may.
  start([lessons = state_.lessons, options, &store = store_, now_ns] { return train_one(lessons, options, store, now_ns); });
}

/// The model too, where it could not be written when it was made: the next one may be a day away, or never come.
Learning::Done Learning::save_all(const LearningState& state, const std::shared_ptr<const Model>& unsaved,
                                  const LearningStore& store, std::int64_t now_ns) {
  Done done;
  if (auto saved = store.save(state); !saved) done.write_error = saved.error();
  if (unsaved == nullptr || done.write_error) return done;
  auto file = store.save(*unsaved, now_ns);
  if (file)
    done.file = std::move(*file);
  else
    done.write_error = file.error();
  return done;
}

void Learning::start_saving(std::int64_t now_ns) {
  saved_at_ = state_.lessons.counts.windows;
  if (!store_.reason().empty()) return;
  start([state = state_, unsaved = is_model_unsaved_ ? model_ : nullptr, &store = store_, now_ns] {
    return save_all(state, unsaved, store, now_ns);
  });
}

bool Learning::take(const Done& done, std::int64_t now_ns) {
  if (done.write_error)
    count_write_error(*done.write_error);
  else if (store_.reason().empty() && !done.training_error)
    trouble_.succeeded();
  if (!done.file.empty()) is_model_unsaved_ = false;
  if (!std::exchange(status_.is_training, false)) return false;
  if (!done.model) {
    ++status_.training_errors;
    retry_at_ = state_.lessons.counts.windows + kRetryAfter;
    events_.error(EventKind::kError, fmt::format("learning: {}; the model in use stays, next try in an hour",
                                                 done.training_error ? done.training_error->what : "no model"));
    return false;
  }
  ++state_.trainings;
  state_.trained_at = training_windows_;
  saved_at_ = 0;  // the next tick writes how far it came
  status_.training_s = done.took_s;
  model_ = done.model;
  is_model_unsaved_ = done.write_error.has_value();
  const Provenance& from = model_->provenance();
  events_.info(
      EventKind::kSwitch,
      fmt::format(
          "learning: {} to {}: alarms above surprise {:.2f} ({:g} a day), from {} windows of {} hosts in {:.1f} h, made in "
          "{:.1f} s{}",
          only_observes() ? "switched" : "calibrated anew, switched", from.version, model_->own_threshold(),
          detect_.budget_per_day, from.rows, done.hosts, state_.lessons.hours(), done.took_s,
          done.file.empty() ? ", not written" : ", kept as " + done.file));
  if (only_observes()) status_.since_ns = now_ns;
  status_.phase = LearningPhase::kLearned;
  if (is_finished(state_, true)) {
    state_.lessons.forget();
    events_.info(EventKind::kLearn, "learning: the first week is over, this model stays");
  }
  return true;
}

void Learning::count_write_error(const Error& error) {
  ++status_.write_errors;
  trouble_.failed(error);
}

void Learning::refresh() {
  const Lessons& lessons = state_.lessons;
  status_.windows = lessons.counts.lessons;
  status_.flagged = lessons.counts.flagged;
  status_.share = lessons.share();
  status_.bytes = lessons.bytes();
  status_.hours = lessons.hours();
  status_.hours_wanted = options_.hours;
  status_.models = state_.trainings;
}

void Learning::expect(std::int64_t now_ns) {
  const auto left = windows_until_training(state_, options_, !only_observes());
  status_.next_ns.reset();
  if (left) status_.next_ns = now_ns + static_cast<std::int64_t>(*left) * kWindow_ns;
}

/// At the start, and when it has changed by much.
void Learning::tell_expected() {
  if (!only_observes() || status_.is_training) return;
  const std::uint64_t windows = state_.lessons.counts.windows;
  if (told_at_ && (windows - *told_at_ < kTellEvery || is_near(status_.next_ns, told_ns_, kMuch * options_.hours * 3.6e12)))
    return;
  told_at_ = windows;
  told_ns_ = status_.next_ns;
  const std::string when = status_.next_ns ? "expects to switch to a model of its own at " + minute_text(*status_.next_ns)
                                           : "no traffic to learn from so far, so nobody can say when it will switch";
  events_.info(
      EventKind::kLearn,
      fmt::format("learning: rules alert, the model {} only observes; {} ({:.1f} of {:g} h, {} of at least {} windows)",
                  model_->provenance().version, when, status_.hours, status_.hours_wanted, status_.windows, kLeastLessons));
}

void Learning::finish() {
  if (status_.phase == LearningPhase::kOff) return;
  stop_.request_stop();
  if (work_.valid()) {
    const Done done = work_.get();
    if (done.model || !status_.is_training) take(done, status_.since_ns);
  }
  const Done done = save_all(state_, is_model_unsaved_ ? model_ : nullptr, store_, status_.since_ns);
  if (done.write_error) return count_write_error(*done.write_error);
  if (store_.reason().empty()) trouble_.succeeded();
  is_model_unsaved_ = false;
}

void Learning::wait() const {
  if (work_.valid()) work_.wait();
}

}  // namespace weir
