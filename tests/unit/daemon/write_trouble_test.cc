#include "daemon/write_trouble.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <sstream>

namespace weir {
namespace {

TEST(WriteTrouble, IsToldOnceWithTheRemedyAndOnceWhenItIsOver) {
  std::ostringstream log;
  const auto before = spdlog::default_logger();
  auto logger = std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log));
  logger->set_pattern("%l: %v");
  spdlog::set_default_logger(logger);
  WriteTrouble trouble("lessons", "they stay in memory");
  trouble.succeeded();
  for (int i = 0; i < 3; ++i) trouble.failed({ENOSPC, "/var/lessons: write: No space left on device"});
  trouble.succeeded();
  trouble.succeeded();
  trouble.failed({0, "again"});
  spdlog::set_default_logger(before);
  EXPECT_EQ(log.str(),
            "warning: lessons: /var/lessons: write: No space left on device; they stay in memory; make room there\n"
            "info: lessons: can be written again, after it failed 3 times\n"
            "warning: lessons: again; they stay in memory\n");
}

}  // namespace
}  // namespace weir
