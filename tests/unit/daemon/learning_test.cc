#include "daemon/learning.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "daemon/pipeline.h"
#include "support/fake_flow_source.h"
#include "support/flow_records.h"

namespace weir {
namespace {

using namespace test;
namespace fs = std::filesystem;

constexpr int kHour = 360, kDay = 24 * kHour;  // windows

/// Clients that talk to a server, one tick a window; `busy` is what somebody else does, in the last window.
std::vector<Snapshot> traffic(int first, int windows, int hosts, const std::vector<FlowRecord>& busy = {}) {
  std::vector<Snapshot> ticks;
  for (int window = first; window < first + windows; ++window) {
    Snapshot s = tick(10 * window, {});
    for (int host = 0; host < hosts; ++host) {
      const auto packets = static_cast<std::uint64_t>(10 + std::abs(host * 7 + window * 3) % 20);
      s.flows.push_back(tcp("10.0.0." + std::to_string(1 + std::abs(window + host) % 40), "10.0.1.1", 443, kAck, packets,
                            10.0 * window, 0.5));
    }
    ticks.push_back(std::move(s));
  }
  ticks.back().flows.insert(ticks.back().flows.end(), busy.begin(), busy.end());
  return ticks;
}

std::vector<FlowRecord> scan(int window) {
  std::vector<FlowRecord> flows;
  for (std::uint16_t port = 1; port <= 100; ++port)
    flows.push_back(tcp("10.0.2.1", "10.0.1.1", port, kSyn, 1, 10.0 * window));
  return flows;
}

/// Nothing that a rule names, and far from what the clients do.
std::vector<FlowRecord> strange(int window) {
  std::vector<FlowRecord> flows = {tcp("10.0.2.2", "10.0.1.1", 443, kAck, 2'000'000, 10.0 * window, 9)};
  for (std::uint16_t port = 0; port < 15; ++port)
    flows.push_back(
        udp("10.0.2.2", "10.0.1." + std::to_string(port), static_cast<std::uint16_t>(40001 + port), 300, 10.0 * window));
  return flows;
}

class LearningTest : public ::testing::Test {
 protected:
  LearningTest() {
    // In memory where there is such a folder: in fake time an hour's six files are written within a second, each synced.
    std::string name = (fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path()) / "weir-learning-XXXXXX";
    folder_ = mkdtemp(name.data());
    config_.learning.hours = 1;
    config_.learning.directory = folder_;
    config_.windows.hosts = 256;
    config_.windows.flows = 2048;
    config_.detect.traffic_spike.enabled = false;
  }
  ~LearningTest() override {
    learning_.reset();
    fs::remove_all(folder_);
  }

  void start() {
    learning_.reset();  // lets go of the folder
    auto given = std::make_shared<const Model>(default_model());
    learning_ = std::make_unique<Learning>(config_, given, now_ns_, events_);
    pipeline_ = std::make_unique<Pipeline>(config_.windows, config_.detect, nullptr);
    pipeline_->use(learning_->model(), learning_->only_observes());
    pipeline_->on_window([this](const ClosedWindow& w, const Judgement& j) { learning_->add(w, j); });
    pipeline_->on_alert([this](const Alert& alert) { kinds_.insert(alert.kind); });
  }
  void stop() {
    pipeline_->finish();
    learning_->finish();
    learning_.reset();
  }

  /// As the daemon does it, but nobody hurries a training.
  void feed(const std::vector<Snapshot>& ticks) {
    FakeFlowSource source(ticks);
    Snapshot snapshot;
    while (source.read_tick(snapshot).value()) {
      pipeline_->add(snapshot);
      now_ns_ = snapshot.end_ns;
      learning_->wait();  // here ten seconds pass in no time: a file would not be written by then
      step();
      if (learning_->status().is_training) {
        learning_->wait();
        step();
      }
    }
  }
  void step() {
    if (learning_->tick(now_ns_)) pipeline_->use(learning_->model(), learning_->only_observes());
  }
  /// An hour and the window that closes it, so that the first model is there.
  void learn_an_hour(int first = 0) { feed(traffic(first, kHour + 2, 10)); }

  const LearningStatus& status() const { return learning_->status(); }
  std::size_t files_in_models() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_ / "models"), fs::directory_iterator()));
  }
  static void damage(const fs::path& file) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(-100, std::ios::end);
    stream.put('\x7f').put('\x01').put('\x7f');
  }

  fs::path folder_;
  Config config_;
  std::int64_t now_ns_ = kStart;
  EventLog events_;
  std::unique_ptr<Learning> learning_;
  std::unique_ptr<Pipeline> pipeline_;
  std::set<std::string_view> kinds_;
};

TEST_F(LearningTest, ObservesThenSwitchesThenCalibratesAndARestartKeepsAll) {
  start();
  EXPECT_EQ(status().phase, LearningPhase::kLearning);
  feed(traffic(0, 100, 10, strange(99)));
  feed(traffic(100, 1, 10));
  EXPECT_FALSE(kinds_.contains(kAnomaly)) << "a model that observes raises nothing";
  feed(traffic(101, 10, 10, scan(110)));
  feed(traffic(111, 1, 10));
  EXPECT_EQ(kinds_, (std::set<std::string_view>{"vertical_scan"})) << "rules alert all the while";
  ASSERT_TRUE(status().next_ns);
  EXPECT_NEAR(static_cast<double>(*status().next_ns - kStart) / 3.6e12, 1, 0.01);

  feed(traffic(112, kHour - 112, 10));
  EXPECT_EQ(status().phase, LearningPhase::kLearning);
  feed(traffic(kHour, 2, 10));
  ASSERT_EQ(status().phase, LearningPhase::kLearned);
  EXPECT_FALSE(learning_->only_observes());
  EXPECT_EQ(learning_->model()->provenance().version.substr(0, 8), "learned-");
  EXPECT_EQ(events_.history().events().back().kind, EventKind::kSwitch);
  EXPECT_EQ(learning_->model()->provenance().rows, 10u * (kHour - 1) + 11)
      << "the scan stays out, the tick after the last is open";
  EXPECT_EQ(status().flagged.at("vertical_scan"), 1u);
  EXPECT_EQ(files_in_models(), 1u);
  feed(traffic(kHour + 2, 3, 10, strange(kHour + 4)));
  feed(traffic(kHour + 5, 1, 10));
  EXPECT_TRUE(kinds_.contains(kAnomaly));

  const auto first = learning_->model();
  feed(traffic(kHour + 6, kDay + 2, 2));
  EXPECT_NE(learning_->model(), first);
  EXPECT_EQ(status().models, 2u);
  EXPECT_EQ(files_in_models(), 2u);
  const std::string version = learning_->model()->provenance().version;
  const double threshold = learning_->model()->own_threshold();
  const auto windows = status().windows;
  stop();

  start();
  EXPECT_EQ(status().phase, LearningPhase::kLearned);
  EXPECT_EQ(learning_->model()->provenance().version, version);
  EXPECT_EQ(learning_->model()->own_threshold(), threshold);
  EXPECT_EQ(status().models, 2u);
  EXPECT_GE(status().windows, windows);  // the window that was open at the stop, too
  EXPECT_LE(status().windows, windows + 2);
  EXPECT_EQ(status().files_set_aside, 0u);
}

TEST_F(LearningTest, ARestartWhileLearningGoesOnWhereItEnded) {
  start();
  feed(traffic(0, kHour / 2, 10));
  stop();
  EXPECT_TRUE(fs::exists(folder_ / "lessons"));
  start();
  EXPECT_NEAR(status().hours, 0.5, 0.01);
  feed(traffic(kHour / 2, kHour / 2 + 2, 10));
  EXPECT_EQ(status().phase, LearningPhase::kLearned);
}

TEST_F(LearningTest, AKilledOneLosesTenMinutesAtMost) {
  start();
  feed(traffic(0, 130, 10));
  learning_->wait();
  learning_.reset();  // no finish()
  start();
  EXPECT_GE(status().hours, 120 / 360.0);
}

TEST_F(LearningTest, WithoutTrafficItWaitsAndSaysThatItCannotSayHowLong) {
  start();
  feed(traffic(0, 2 * kHour, 0));
  EXPECT_EQ(status().phase, LearningPhase::kLearning);
  EXPECT_NEAR(status().hours, 2, 0.01);
  EXPECT_FALSE(status().next_ns);
}

TEST_F(LearningTest, AClockThatJumpsBreaksNothing) {
  start();
  feed(traffic(0, 100, 10));
  feed(traffic(-100'000, 100, 10));    // set back by eleven days
  feed(traffic(50'000'000, 100, 10));  // and forward by sixteen years
  EXPECT_EQ(status().phase, LearningPhase::kLearning);
  EXPECT_NEAR(status().hours, 300 / 360.0, 0.01);
  feed(traffic(300, kHour - 296, 10));
  EXPECT_EQ(status().hours * 360, kHour + 3);
  EXPECT_EQ(status().windows, 10u * (kHour + 3));
  EXPECT_EQ(status().phase, LearningPhase::kLearned);
}

TEST_F(LearningTest, AFolderThatIsNotThereIsNotMadeAndLearningGoesOn) {
  config_.learning.directory = folder_ / "missing";
  start();
  EXPECT_NE(status().not_kept.find("No such file"), std::string::npos);
  EXPECT_NE(status().not_kept.find("learning.directory"), std::string::npos) << "the remedy";
  learn_an_hour();
  EXPECT_EQ(status().phase, LearningPhase::kLearned);
  stop();
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(LearningTest, AFolderOfSomebodyElseIsLeftAlone) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may give a folder away";
  ASSERT_EQ(chown(folder_.c_str(), 12345, 12345), 0);
  start();
  EXPECT_NE(status().not_kept.find("belongs to user 12345"), std::string::npos);
  stop();
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(LearningTest, ASecondOneDoesNotShareTheFolder) {
  start();
  const Learning second(config_, learning_->model(), now_ns_, events_);
  EXPECT_NE(second.status().not_kept.find("another weir"), std::string::npos);
}

TEST_F(LearningTest, WhatCannotBeWrittenIsCountedAndTheModelUsed) {
  std::ofstream(folder_ / "models") << "a file where the folder should be";
  start();
  learn_an_hour();
  EXPECT_EQ(status().phase, LearningPhase::kLearned);
  EXPECT_GE(status().write_errors, 1u);
}

TEST_F(LearningTest, AModelThatCouldNotBeWrittenIsWrittenOnceItCan) {
  std::ofstream(folder_ / "models") << "a file where the folder should be";
  start();
  learn_an_hour();
  fs::remove(folder_ / "models");
  feed(traffic(kHour + 2, 62, 10));  // the next time that something is written
  EXPECT_EQ(files_in_models(), 1u);
  const std::string version = learning_->model()->provenance().version;
  stop();
  EXPECT_EQ(files_in_models(), 1u) << "once";
  start();
  EXPECT_EQ(learning_->model()->provenance().version, version);
}

TEST_F(LearningTest, DamagedLessonsAreSetAsideAndTheModelStays) {
  start();
  learn_an_hour();
  const std::string version = learning_->model()->provenance().version;
  stop();
  damage(folder_ / "lessons");
  start();
  EXPECT_EQ(status().files_set_aside, 1u);
  EXPECT_TRUE(fs::exists(folder_ / "lessons.bad"));
  EXPECT_EQ(status().phase, LearningPhase::kLearned);
  EXPECT_EQ(learning_->model()->provenance().version, version);
  EXPECT_EQ(status().hours, 0);
  learn_an_hour(kHour + 10);
  EXPECT_EQ(status().models, 1u) << "it is calibrated anew like a first one";
}

TEST_F(LearningTest, OfADamagedModelTheEarlierOneIsUsed) {
  std::string newest;
  for (int day = 10; day > 0; --day)  // the clock goes backwards, and still the last one is the newest
    newest = LearningStore::open(folder_).save(default_model(), kStart + day * kDay * kWindow_ns).value();
  EXPECT_EQ(files_in_models(), LearningStore::kModelsKept);
  damage(newest);
  const auto found = LearningStore::open(folder_).read();
  ASSERT_TRUE(found.model);
  EXPECT_NE(found.model_file, newest);
  EXPECT_NE(found.model_file.find("000009-"), std::string::npos);
  ASSERT_EQ(found.problems.size(), 1u);
  EXPECT_NE(found.problems[0].find("sha256"), std::string::npos) << found.problems[0];
  EXPECT_FALSE(fs::exists(newest));
  EXPECT_TRUE(fs::exists(folder_ / "models" / "bad"));
}

TEST_F(LearningTest, WithoutItsModelsItTrainsAtOnceOnWhatIsLeft) {
  start();
  learn_an_hour();
  stop();
  fs::remove_all(folder_ / "models");
  start();
  EXPECT_EQ(status().phase, LearningPhase::kLearning);
  feed(traffic(kHour + 10, 2, 10));
  EXPECT_EQ(status().phase, LearningPhase::kLearned);
}

TEST_F(LearningTest, AModelOfTheOperatorsOwnIsNotReplaced) {
  config_.detect.model.file = "/somewhere/my.model";
  start();
  EXPECT_EQ(status().phase, LearningPhase::kOff);
  EXPECT_FALSE(learning_->only_observes());
  learn_an_hour();
  EXPECT_EQ(status().windows, 0u);
  stop();
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(LearningTest, SwitchedOffTheCompiledInModelJudges) {
  config_.learning.enabled = false;
  start();
  EXPECT_EQ(status().reason, "learning.enabled is false");
  feed(traffic(0, 3, 10, strange(2)));
  feed(traffic(3, 1, 10));
  EXPECT_TRUE(kinds_.contains(kAnomaly));
}

}  // namespace
}  // namespace weir
