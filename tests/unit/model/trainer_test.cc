#include "trainer.h"

#include <gtest/gtest.h>

#include <limits>

#include "forests.h"
#include "model_file.h"

namespace weir {
namespace {

TrainOptions small_options() {
  TrainOptions options;
  options.trees = 50;
  options.samples = 64;
  options.version = "test-1";
  return options;
}

TrainOptions contaminated(double share) {
  TrainOptions options = small_options();
  options.contamination = share;
  return options;
}

TEST(Train, GivesAModelWithItsOrigin) {
  const auto model = train(ordinary_rows(1000, 50, 1), small_options());
  ASSERT_TRUE(model) << model.error().what;
  EXPECT_EQ(model->provenance().version, "test-1");
  EXPECT_EQ(model->provenance().rows, 1000U);
  EXPECT_EQ(model->provenance().trees, 50U);
  EXPECT_EQ(model->provenance().samples, 64U);
  EXPECT_EQ(model->provenance().training_data.size(), 64U);
  ASSERT_NE(model->normal("half_open_syn"), nullptr);
  EXPECT_EQ(model->normal("half_open_syn")->p99, 2);
  EXPECT_EQ(model->normal("no such quantity"), nullptr);
  EXPECT_EQ(model->threshold(), Model::kAlarmScore);
  EXPECT_GT(model->own_threshold(), 1);
  EXPECT_LT(model->own_threshold(), 10);
}

TEST(Train, TellsWhatItKeptOutAndWhatTheTrafficItselfWouldRaise) {
  TrainingSet set = ordinary_rows(1000, 50, 1);
  set.features.row(500).array() += 9;
  const auto trained = train_in_detail(set, small_options());
  ASSERT_TRUE(trained) << trained.error().what;
  ASSERT_EQ(trained->outliers.size(), 2U);
  EXPECT_EQ(trained->outliers[0], 500U);
  EXPECT_GT(trained->surprise[0], trained->surprise[1]);
  EXPECT_GT(trained->surprise[0], trained->model.own_threshold());
  EXPECT_GE(trained->alarms, 1U);
  EXPECT_LE(trained->alarms, 5U);
  EXPECT_EQ(trained->model.provenance().rows, 1000U);
}

TEST(Train, EndsWhenItIsAskedTo) {
  std::stop_source stop;
  stop.request_stop();
  TrainOptions options = small_options();
  options.stop = stop.get_token();
  const auto model = train(ordinary_rows(1000, 50, 1), options);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ECANCELED);
}

TEST(Train, GivesAForestAloneWhereThatIsWanted) {
  TrainOptions options = small_options();
  options.forest_alone = true;
  const auto model = train(ordinary_rows(1000, 50, 1), options);
  ASSERT_TRUE(model) << model.error().what;
  EXPECT_FALSE(model->partners());
  EXPECT_EQ(model->threshold(), model->own_threshold());
  EXPECT_GT(model->threshold(), 0.5);
  EXPECT_LT(model->threshold(), 1);
  EXPECT_FALSE(model->score(FeatureVector{}).surprise);
}

TEST(Train, IsTheSameForTheSameRowsAndSeed) {
  const auto bytes = [](std::uint64_t data, std::uint64_t seed) {
    TrainOptions options = small_options();
    options.seed = seed;
    return model_to_bytes(train(ordinary_rows(1000, 50, data), options).value()).value();
  };
  EXPECT_EQ(bytes(1, 1), bytes(1, 1));
  EXPECT_NE(bytes(1, 1), bytes(1, 2));
  EXPECT_NE(bytes(1, 1), bytes(2, 1));
}

TEST(Train, SetsTheThresholdAboveOrdinaryAndBelowStrange) {
  const auto model = train(ordinary_rows(2000, 50, 1), small_options());
  ASSERT_TRUE(model);
  FeatureVector ordinary{}, strange{};
  for (std::size_t i = 0; i < kFeatureCount; ++i) {
    // Undo the transform: 5 is the middle of the training rows, 30 is 25 deviations above it.
    const auto value = [&](double x) {
      return kFeatures[i].transform == Transform::kLog ? std::expm1(x) / kFeatures[i].scale : x;
    };
    ordinary[i] = value(5);
    strange[i] = value(30);
  }
  EXPECT_LT(model->score(ordinary).score, model->threshold());
  EXPECT_GT(model->score(strange).score, model->threshold());
  const auto part = model->contributions(strange);
  EXPECT_GE(*std::min_element(part.begin(), part.end()), 0);
  EXPECT_GT(*std::max_element(part.begin(), part.end()), 0);
}

TEST(Train, GivesThreadsNoSay) {
  TrainOptions options = small_options();
  const auto one = model_to_bytes(train(ordinary_rows(1000, 50, 1), options).value()).value();
  options.threads = 5;
  EXPECT_EQ(model_to_bytes(train(ordinary_rows(1000, 50, 1), options).value()).value(), one);
}

TEST(TrainColumns, TakesAnyColumns) {
  Random random(1);
  std::vector<float> values(3000);
  for (float& x : values) x = normal_draw(random);
  const auto forest = train_columns({values, 3}, {"a", "b", "c"}, small_options());
  ASSERT_TRUE(forest) << forest.error().what;
  EXPECT_EQ(forest->offset(), -0.5);
  EXPECT_EQ(forest->provenance().rows, 1000U);
  EXPECT_EQ(forest->provenance().samples, 64U);
  std::vector<double> scores(2);
  forest->score(std::vector<double>{0, 0, 0, 9, 9, 9}, scores);
  EXPECT_LT(scores[0], scores[1]);
}

TEST(Train, KeepsTheShareThatIsContaminatedFromTheDetectors) {
  const TrainingSet set = ordinary_rows(1000, 50, 1);
  EXPECT_EQ(train_in_detail(set, small_options())->outliers.size(), 2U);
  EXPECT_EQ(train_in_detail(set, contaminated(0.1))->outliers.size(), 100U);
  EXPECT_FALSE(train(set, contaminated(0)));
  EXPECT_FALSE(train(set, contaminated(0.6)));
}

TEST(TrainColumns, SetsTheOffsetForTheShareOfOutliers) {
  Random random(1);
  std::vector<float> values(2000);
  for (float& x : values) x = normal_draw(random);
  const auto forest = train_columns({values, 2}, {"a", "b"}, contaminated(0.25));
  ASSERT_TRUE(forest) << forest.error().what;
  std::vector<double> scores(1000);
  forest->score(std::vector<double>(values.begin(), values.end()), scores);
  EXPECT_EQ(std::count_if(scores.begin(), scores.end(), [&](double x) { return x > -forest->offset(); }), 250);
}

TEST(TrainColumns, RefusesWhatMakesNoForest) {
  const std::vector<float> values(6);
  EXPECT_FALSE(train_columns({values, 6}, std::vector<std::string>(6, "x"), small_options()));
  EXPECT_FALSE(train_columns({values, 3}, {"a", "b"}, small_options()));
  EXPECT_FALSE(train_columns({values, 3}, {"a", "b", "c"}, contaminated(0.6)));
  EXPECT_FALSE(train_columns({values, 3}, {"a", "b", "c"}, contaminated(0)));
}

TEST(Train, TakesAllRowsWhereThereAreFewerThanSamples) {
  TrainOptions options = small_options();
  options.samples = 256;
  const auto model = train(ordinary_rows(kMinTrainingRows, 4, 1), options);
  ASSERT_TRUE(model) << model.error().what;
  EXPECT_EQ(model->provenance().samples, kMinTrainingRows);
}

void expect_refused(const TrainingSet& set, const TrainOptions& options, const std::string& message) {
  const auto model = train(set, options);
  ASSERT_FALSE(model);
  EXPECT_NE(model.error().what.find(message), std::string::npos) << model.error().what;
}

TEST(Train, RefusesWhatCannotBeTrainedOn) {
  const TrainingSet good = ordinary_rows(200, 20, 1);
  expect_refused(ordinary_rows(kMinTrainingRows - 1, 20, 1), small_options(), "99 windows are too few: at least 100");
  TrainingSet set = good;
  set.host.pop_back();
  expect_refused(set, small_options(), "differ in number");
  set = good;
  set.features(3, 3) = std::numeric_limits<float>::quiet_NaN();
  expect_refused(set, small_options(), "not a finite number");
  set = good;
  set.hours = 0;
  expect_refused(set, small_options(), "covers no time");
}

TEST(Train, RefusesImpossibleOptions) {
  const TrainingSet set = ordinary_rows(200, 20, 1);
  TrainOptions options = small_options();
  options.trees = 0;
  expect_refused(set, options, "trees: 0");
  options = small_options();
  options.samples = 1;
  expect_refused(set, options, "samples: 1");
  options = small_options();
  options.alarms_per_day = 0;
  expect_refused(set, options, "alarms per day");
}

}  // namespace
}  // namespace weir
