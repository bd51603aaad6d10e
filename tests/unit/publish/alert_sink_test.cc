#include "publish/alert_sink.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "support/flow_records.h"

namespace weir {
namespace {

TEST(JsonLinesSink, AppendsALineForEachAlert) {
  const std::string path = ::testing::TempDir() + "/alerts." + std::to_string(getpid()) + ".jsonl";
  Alert alert;
  alert.host = test::ip("10.0.0.1");
  alert.kind = "syn_flood";
  for (int i = 0; i < 2; ++i) {
    auto sink = JsonLinesSink::open(path);
    ASSERT_TRUE(sink);
    EXPECT_TRUE((*sink)->write(alert));
  }
  std::ifstream file(path);
  std::string line;
  int lines = 0;
  for (; std::getline(file, line); ++lines) EXPECT_NE(line.find("\"kind\":\"syn_flood\""), std::string::npos);
  EXPECT_EQ(lines, 2);
  unlink(path.c_str());
}

TEST(JsonLinesSink, SaysWhichFileItCannotOpen) {
  const auto sink = JsonLinesSink::open("/nonexistent/alerts.jsonl");
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().code, ENOENT);
  EXPECT_NE(sink.error().what.find("/nonexistent/alerts.jsonl"), std::string::npos);
}

TEST(JsonLinesSink, AFullDiskIsAnErrorAndTheNextAlertIsTriedAgain) {
  auto sink = JsonLinesSink::open("/dev/full");
  ASSERT_TRUE(sink);
  Alert alert;
  alert.kind = "syn_flood";
  for (int i = 0; i < 2; ++i) {
    const auto written = (*sink)->write(alert);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ENOSPC);
  }
}

}  // namespace
}  // namespace weir
