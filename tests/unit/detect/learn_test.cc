#include "detect/learn.h"

#include <gtest/gtest.h>

#include "detect/detector.h"
#include "features/window_keeper.h"
#include "support/fake_flow_source.h"
#include "support/flow_records.h"

namespace weir {
namespace {

using namespace test;

/// `hosts` clients that each talk to a server for `windows` windows, a little differently each time.
std::vector<Snapshot> ordinary_traffic(int hosts, int windows) {
  std::vector<Snapshot> ticks;
  for (int window = 0; window < windows; ++window) {
    Snapshot s = tick(10 * window, {});
    for (int host = 0; host < hosts; ++host) {
      const auto packets = static_cast<std::uint64_t>(10 + (host * 7 + window * 3) % 20);
      s.flows.push_back(tcp("10.0.0." + std::to_string(host), "10.0.1.1", 443, kAck, packets, 10.0 * window, 0.5));
    }
    ticks.push_back(std::move(s));
  }
  return ticks;
}

LearnOptions options() {
  LearnOptions o;
  o.train.trees = 20;
  o.train.version = "test";
  return o;
}

TEST(Learn, TakesEveryOrdinarySourceWindow) {
  FakeFlowSource source(ordinary_traffic(30, 10));
  const auto model = learn(source, WindowOptions(), options());
  ASSERT_TRUE(model) << model.error().what;
  EXPECT_EQ(model->provenance().rows, 300u);
  ASSERT_NE(model->normal("total_packets"), nullptr);
  EXPECT_GE(model->normal("total_packets")->p50, 10);
  EXPECT_LE(model->normal("total_packets")->p99, 29);
  EXPECT_EQ(model->normal(kPortsProbed)->p99, 0);
}

TEST(Learn, LeavesOutWhatARuleFlagsAndTinyWindows) {
  auto ticks = ordinary_traffic(30, 10);
  for (std::uint16_t port = 1; port <= 100; ++port) ticks[5].flows.push_back(tcp("10.0.2.1", "10.0.1.1", port, kSyn));
  ticks[6].flows.push_back(tcp("10.0.2.2", "10.0.1.1", 443, kAck, 9, 60));
  FakeFlowSource source(ticks);
  const auto model = learn(source, WindowOptions(), options());
  ASSERT_TRUE(model) << model.error().what;
  EXPECT_EQ(model->provenance().rows, 300u);
}

TEST(Learn, WhoCalledSteadilyInTrainingIsExcusedLater) {
  auto ticks = ordinary_traffic(30, 40);
  for (std::size_t window = 0; window < ticks.size(); ++window) {
    auto call = tcp("10.0.0.1", "203.0.113.9", 443, kSyn | kAck, 3, 10.0 * static_cast<double>(window));
    call.key.source_port = static_cast<std::uint16_t>(50000 + window);
    call.events[WEIR_EVENT_SYN] = 1;
    ticks[window].flows.push_back(call);
  }
  FakeFlowSource source(ticks);
  const auto model = learn(source, WindowOptions(), options());
  ASSERT_TRUE(model) << model.error().what;
  EXPECT_EQ(model->known_beacons(), std::vector<std::string>{"10.0.0.1 203.0.113.9 443"});

  const auto beacons_told = [&](std::shared_ptr<const Model> by) {
    Detector detector({}, std::move(by));
    WindowKeeper keeper({});
    FakeFlowSource again(ticks);
    std::size_t told = 0;
    const auto done = observe(again, keeper, [&](ClosedWindow& window) {
      for (const Alert& alert : detector.judge(window).alerts) told += alert.kind == "beacon";
    });
    return done ? told : 99;
  };
  EXPECT_EQ(beacons_told(nullptr), 1u);
  EXPECT_EQ(beacons_told(std::make_shared<const Model>(*model)), 0u);
}

TEST(Learn, TheSameTrafficGivesTheSameModel) {
  FakeFlowSource one(ordinary_traffic(30, 10)), two(ordinary_traffic(30, 10));
  const auto a = learn(one, WindowOptions(), options()), b = learn(two, WindowOptions(), options());
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->provenance().training_data, b->provenance().training_data);
  EXPECT_EQ(a->threshold(), b->threshold());
}

TEST(Learn, TooLittleTrafficIsAnError) {
  FakeFlowSource source(ordinary_traffic(3, 2));
  EXPECT_FALSE(learn(source, WindowOptions(), options()));
}

TEST(Learn, AFaultOfTheSourceIsNotLearnedOver) {
  FakeFlowSource source(ordinary_traffic(30, 10));
  source.fail_at_the_end({EINVAL, "cut off"});
  const auto model = learn(source, WindowOptions(), options());
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().what, "cut off");
}

TEST(Observe, ClosesWhatIsOpenBeforeItTellsAFault) {
  FakeFlowSource source(ordinary_traffic(3, 2));
  source.fail_at_the_end({EINVAL, "cut off"});
  WindowKeeper keeper{WindowOptions()};
  int closed = 0;
  EXPECT_FALSE(observe(source, keeper, [&](ClosedWindow&) { ++closed; }));
  EXPECT_EQ(closed, 2);
}

}  // namespace
}  // namespace weir
