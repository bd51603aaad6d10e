#include "daemon/baseline_keeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <new>
#include <system_error>
#include <utility>

#include "daemon/low_priority.h"
#include "detect/baselines_file.h"

namespace weir {
namespace {

constexpr std::uint32_t kSaveEvery = 60;  // windows: 10 minutes

}  // namespace

BaselineKeeper::BaselineKeeper(const LearningStore& store, EventLog& events) : store_(store), events_(events) {
  auto found = store_.read_baselines();
  if (!found) {
    problem_ = found.error().what;
    status_.files_set_aside = 1;
    return;
  }
  found_ = std::move(*found);
  status_.hosts_restored = std::max(found_.traffic.size(), found_.ports.size());
}

void BaselineKeeper::tell_start() const {
  if (!problem_.empty()) events_.warn(EventKind::kError, "baselines: " + problem_);
  if (status_.hosts_restored > 0)
    events_.info(EventKind::kLearn, fmt::format("baselines: goes on with the past of {} hosts", status_.hosts_restored));
}

BaselineKeeper::Done BaselineKeeper::save(Baselines baselines, const LearningStore& store) {
  Done done;
  try {
    done.left_out = arrange(baselines);
    if (auto saved = store.save(baselines); !saved) done.error = saved.error();
  } catch (const std::bad_alloc&) {
    done.error = Error{ENOMEM, "not enough memory to write"};
  }
  return done;
}

void BaselineKeeper::take(const Done& done) {
  if (done.left_out != std::exchange(status_.left_out, done.left_out) && done.left_out > 0)
    events_.warn(EventKind::kError,
                 fmt::format("baselines: {} hosts and uses of ports found no room in the file", done.left_out));
  if (!done.error) return trouble_.succeeded();
  ++status_.write_errors;
  trouble_.failed(*done.error);
}

void BaselineKeeper::count_window(const Detector& detector) {
  if (!store_.reason().empty()) return;
  if (work_.valid()) {
    if (work_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
    take(work_.get());
  }
  if (++windows_ < kSaveEvery) return;
  windows_ = 0;
  try {
    work_ = std::async(std::launch::async, [baselines = detector.baselines(), &store = store_]() mutable {
      lower_priority();
      return save(std::move(baselines), store);
    });
  } catch (const std::system_error& error) {  // no thread to be had
    take({0, Error{error.code().value(), error.what()}});
  }
}

void BaselineKeeper::wait() {
  if (work_.valid()) take(work_.get());
}

void BaselineKeeper::finish(const Detector& detector) {
  wait();
  if (store_.reason().empty()) take(save(detector.baselines(), store_));
}

}  // namespace weir
