#include "sensor/realtime.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

namespace weir {
namespace {

/// A root directory with the two files that tell.
class RealtimeKernel : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "weir_realtime_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name + "/";
    std::filesystem::create_directories(root_ + "sys/kernel");
    std::filesystem::create_directories(root_ + "proc");
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void write(const std::string& path, const std::string& text) { std::ofstream(root_ + path) << text << "\n"; }

  std::string root_;
};

TEST_F(RealtimeKernel, IsRefusedByItsVersion) {
  write("proc/version", "Linux version 6.1.0-18-rt-amd64 (debian) (gcc-12) #1 SMP PREEMPT_RT Debian 6.1.76-1 (2024-02-01)");
  const auto checked = refuse_realtime_kernel(root_);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, EOPNOTSUPP);
  EXPECT_NE(checked.error().what.find("PREEMPT_RT"), std::string::npos);
}

TEST_F(RealtimeKernel, IsRefusedByItsOwnWord) {
  write("proc/version", "Linux version 6.12.0 #1 SMP");
  write("sys/kernel/realtime", "1");
  EXPECT_FALSE(refuse_realtime_kernel(root_));
}

TEST_F(RealtimeKernel, OthersAreNot) {
  EXPECT_TRUE(refuse_realtime_kernel(root_)) << "no file tells";
  write("proc/version", "Linux version 6.18.0 #1 SMP PREEMPT_DYNAMIC");
  write("sys/kernel/realtime", "0");
  EXPECT_TRUE(refuse_realtime_kernel(root_));
}

TEST_F(RealtimeKernel, TheTestsRunOnNone) { EXPECT_TRUE(refuse_realtime_kernel()); }

}  // namespace
}  // namespace weir
