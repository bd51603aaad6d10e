#include "base/ip_address.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(IpAddress, TextAndBytesAgree) {
  for (const char* text : {"10.0.0.1", "255.255.255.255", "::1", "2001:db8::5", "fe80::1"})
    EXPECT_EQ(IpAddress::parse(text)->to_string(), text);
  EXPECT_TRUE(IpAddress::parse("10.0.0.1")->is_v4());
  EXPECT_FALSE(IpAddress::parse("::1")->is_v4());
  EXPECT_EQ(IpAddress::parse("::ffff:10.0.0.1"), IpAddress::parse("10.0.0.1"));
}

TEST(IpAddress, RefusesWhatIsNoAddress) {
  EXPECT_FALSE(IpAddress::parse(std::string_view("10.0.0.1\0x", 10)));
  for (const char* text : {"", "10.0.0", "10.0.0.256", "10.0.0.1/8", " ::1", "host"})
    EXPECT_FALSE(IpAddress::parse(text)) << text;
}

TEST(IpAddress, KnowsGroups) {
  for (const char* text : {"224.0.0.1", "239.255.255.250", "255.255.255.255", "ff02::fb"})
    EXPECT_TRUE(IpAddress::parse(text)->is_group()) << text;
  for (const char* text : {"10.0.0.255", "223.255.255.255", "fe80::1"})
    EXPECT_FALSE(IpAddress::parse(text)->is_group()) << text;
}

TEST(IpPrefix, ContainsItsAddressesOnly) {
  const auto ten = *IpPrefix::parse("10.128.0.0/9"), six = *IpPrefix::parse("2001:db8::/35"),
             one = *IpPrefix::parse("10.0.0.1");
  EXPECT_TRUE(ten.contains(*IpAddress::parse("10.255.0.1")));
  EXPECT_FALSE(ten.contains(*IpAddress::parse("10.127.255.255")));
  EXPECT_TRUE(six.contains(*IpAddress::parse("2001:db8:1fff::1")));
  EXPECT_FALSE(six.contains(*IpAddress::parse("2001:db8:2000::1")));
  EXPECT_TRUE(one.contains(*IpAddress::parse("10.0.0.1")));
  EXPECT_FALSE(one.contains(*IpAddress::parse("10.0.0.2")));
  EXPECT_FALSE(ten.contains(*IpAddress::parse("::10.128.0.1")));  // not the IPv4 address
  EXPECT_TRUE(IpPrefix::parse("0.0.0.0/0")->contains(*IpAddress::parse("1.2.3.4")));
  EXPECT_FALSE(IpPrefix::parse("0.0.0.0/0")->contains(*IpAddress::parse("::1")));
}

TEST(IpPrefix, RefusesWhatIsNoNetwork) {
  for (const char* text : {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8x", "::/129", "/8"})
    EXPECT_FALSE(IpPrefix::parse(text)) << text;
}

TEST(HashBytes, DependsOnEveryByteAndTheSeed) {
  std::uint8_t bytes[40] = {};
  const std::uint64_t zero = hash_bytes(bytes, sizeof bytes, 1);
  EXPECT_NE(zero, hash_bytes(bytes, sizeof bytes, 2));
  for (std::uint8_t& byte : bytes) {
    byte = 1;
    EXPECT_NE(hash_bytes(bytes, sizeof bytes, 1), zero);
    byte = 0;
  }
}

}  // namespace
}  // namespace weir
