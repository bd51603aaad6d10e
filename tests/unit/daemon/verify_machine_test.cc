#include "daemon/verify_machine.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "daemon/whole_seconds.h"

namespace weir {
namespace {

namespace fs = std::filesystem;

/// A / of its own.
class VerifyMachine : public ::testing::Test {
 protected:
  VerifyMachine() {
    std::string name = fs::temp_directory_path() / "weir-root-XXXXXX";
    root_ = std::string(mkdtemp(name.data())) + "/";
  }
  ~VerifyMachine() override { fs::remove_all(root_); }
  void write(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << text;
  }
  std::string root_;
};

TEST_F(VerifyMachine, KernelsAreJudgedByTheirVersion) {
  const auto verdict = [&](const char* release) { return check_kernel(release, "x86_64", root_).outcome; };
  EXPECT_EQ(verdict("6.1.0-47-amd64"), Outcome::kPass);
  EXPECT_EQ(verdict("5.18.0"), Outcome::kPass);
  EXPECT_EQ(verdict("10.0.1"), Outcome::kPass);
  EXPECT_EQ(verdict("5.17.12"), Outcome::kFail);
  EXPECT_EQ(verdict("4.19.0-27-amd64"), Outcome::kFail);
  EXPECT_EQ(verdict("strange"), Outcome::kSkip);
  EXPECT_NE(check_kernel("5.19.0", "x86_64", root_).detail.find("not tested"), std::string::npos);
  EXPECT_NE(check_kernel("5.15.0", "x86_64", root_).remedy.find("6.1"), std::string::npos);
}

TEST_F(VerifyMachine, ARealTimeKernelFails) {
  write("sys/kernel/realtime", "1\n");
  EXPECT_EQ(check_kernel("6.12.0", "x86_64", root_).outcome, Outcome::kFail);
}

TEST_F(VerifyMachine, BtfIsToldAndNotNeeded) {
  EXPECT_EQ(check_btf(root_).outcome, Outcome::kPass);
  EXPECT_NE(check_btf(root_).detail.find("missing, and not needed"), std::string::npos);
  write("sys/kernel/btf/vmlinux", std::string(1'500'000, 'x'));
  EXPECT_NE(check_btf(root_).detail.find("1.5 MB"), std::string::npos);
}

TEST_F(VerifyMachine, AClockThatWasSetFails) {
  ClockReading before = ClockReading::now();
  EXPECT_NE(check_clock(before).outcome, Outcome::kFail);
  before.realtime_ns -= 2 * kSecond_ns;
  const Check set = check_clock(before);
  EXPECT_EQ(set.outcome, Outcome::kFail);
  EXPECT_NE(set.detail.find("+2.0 s"), std::string::npos) << set.detail;
}

}  // namespace
}  // namespace weir
