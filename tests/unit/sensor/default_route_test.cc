#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>

#include "sensor/interface.h"
#include "support/pcap_writer.h"

namespace weir::test {
namespace {

constexpr const char* kHead4 = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
constexpr const char* kLan4 = "lan0\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
constexpr const char* kDefault4 = "wan0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n";
constexpr const char* kZero = "00000000000000000000000000000000";

std::string route6(const std::string& destination, const char* length, const char* interface) {
  return destination + " " + length + " " + kZero +
         " 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     " + interface + "\n";
}

/// A /proc with these routes.
std::string proc_with(const std::string& v4, const std::string& v6) {
  std::string proc = scratch_folder() + "/proc";
  std::filesystem::create_directories(proc + "/net");
  save_file(proc + "/net/route", Bytes(v4.begin(), v4.end()));
  save_file(proc + "/net/ipv6_route", Bytes(v6.begin(), v6.end()));
  return proc;
}

TEST(DefaultRoute, IsTheIp4OneIfThereIs) {
  const auto proc = proc_with(std::string(kHead4) + kLan4 + kDefault4, route6(kZero, "00", "six0"));
  EXPECT_EQ(default_route_interface(proc).value(), "wan0");
}

TEST(DefaultRoute, IsTheIp6OneElse) {
  const auto proc = proc_with(std::string(kHead4) + kLan4,
                              route6("20010db8000000000000000000000000", "20", "lan0") + route6(kZero, "00", "six0"));
  EXPECT_EQ(default_route_interface(proc).value(), "six0");
}

TEST(DefaultRoute, IsNotTheUnreachableOneOfLoopback) {
  const auto proc = proc_with(kHead4, route6(kZero, "00", "lo"));
  const auto found = default_route_interface(proc);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ENODEV);
  EXPECT_NE(found.error().what.find("default route"), std::string::npos);
}

TEST(DefaultRoute, IsNoneWhereFilesAreMissing) { EXPECT_FALSE(default_route_interface(scratch_folder() + "/nosuch")); }

TEST(DefaultRoute, IsNotANetworkThatBeginsWithZero) {  // 0.0.0.0/1, as some VPNs set, is half of the internet
  const auto proc =
      proc_with(std::string(kHead4) + "tun0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000080\t0\t0\t0\n" + kDefault4, "");
  EXPECT_EQ(default_route_interface(proc).value(), "wan0");
}

}  // namespace
}  // namespace weir::test
