#include "publish/api_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace weir {
namespace {

const std::string kKey = "0123456789abcdef";

class ApiKeyTest : public testing::Test {
 protected:
  ApiKeyTest() : path_(testing::TempDir() + "weir_api_key_test_" + std::to_string(getpid())) { clear(); }
  ~ApiKeyTest() override { clear(); }

  void clear() const {
    ::unsetenv("WEIR_API_KEY");
    ::unsetenv("AIOPS_API_KEY");
    std::remove(path_.c_str());
  }
  void write(const std::string& text, mode_t mode = 0600) const {
    std::ofstream(path_) << text;
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
  }
  bool file_matches(const std::string& offered) const {
    const auto key = ApiKey::read(path_);
    EXPECT_TRUE(key) << key.error().what;
    return key && *key && (*key)->matches(offered);
  }
  std::string error(const std::string& path) const {
    const auto key = ApiKey::read(path);
    return key ? "" : key.error().what;
  }

  const std::string path_;
};

TEST_F(ApiKeyTest, NoneIsNoError) {
  const auto key = ApiKey::read("");
  ASSERT_TRUE(key);
  EXPECT_FALSE(*key);
}

TEST_F(ApiKeyTest, FirstLineOfTheFile) {
  for (const char* end : {"", "\n", "\r\n", "\nsecond line\n"}) {
    write(kKey + end);
    EXPECT_TRUE(file_matches(kKey)) << end;
  }
}

TEST_F(ApiKeyTest, EnvironmentGoesFirst) {
  write("key-of-the-file-0000");
  ::setenv("AIOPS_API_KEY", "key-for-compatibility", 1);
  EXPECT_TRUE(file_matches("key-for-compatibility"));
  ::setenv("WEIR_API_KEY", "key-of-our-own-name", 1);
  EXPECT_TRUE(file_matches("key-of-our-own-name"));
  EXPECT_FALSE(file_matches("key-for-compatibility"));
  EXPECT_FALSE(file_matches("key-of-the-file-0000"));
}

TEST_F(ApiKeyTest, AnEmptyKeyInTheEnvironmentDoesNotFallThrough) {
  write(kKey);
  ::setenv("WEIR_API_KEY", "", 1);
  EXPECT_EQ(error(path_), "WEIR_API_KEY: the API key is empty");
}

TEST_F(ApiKeyTest, MatchesItselfAlone) {
  write(kKey);
  EXPECT_TRUE(file_matches(kKey));
  for (const std::string& offered : {std::string(), kKey.substr(1), kKey + "0", kKey + kKey, std::string("0"),
                                     std::string("0123456789abcdeF"), std::string("1123456789abcdef")})
    EXPECT_FALSE(file_matches(offered)) << offered;
}

TEST_F(ApiKeyTest, WeakKeysAreRefused) {
  const std::string start = "http.key_file " + path_ + ": ";
  write("");
  EXPECT_EQ(error(path_), start + "the API key is empty");
  write("\n" + kKey);
  EXPECT_EQ(error(path_), start + "the API key is empty");
  write("0123456789abcde\n");
  EXPECT_EQ(error(path_), start + "the API key has fewer than 16 characters");
  write("0123456789 abcdef\n");
  EXPECT_EQ(error(path_), start + "the API key has a blank or unprintable character");
  write(std::string(1025, 'x'));
  EXPECT_EQ(error(path_), start + "the API key has more than 1024 characters");
  write(std::string(1024, 'x') + "\r\n");
  EXPECT_EQ(error(path_), "");
}

TEST_F(ApiKeyTest, FileOpenToOthersIsRefused) {
  for (const mode_t mode : {0604u, 0644u, 0602u, 0620u, 0666u}) {
    write(kKey, mode);
    EXPECT_EQ(error(path_), "http.key_file " + path_ + ": open to other users: chmod 640, or 600");
  }
  for (const mode_t mode : {0400u, 0600u, 0640u, 0440u}) {
    write(kKey, mode);
    EXPECT_EQ(error(path_), "");
  }
}

TEST_F(ApiKeyTest, WhatIsNoFileIsRefused) {
  EXPECT_EQ(error(path_), "http.key_file " + path_ + ": No such file or directory");
  EXPECT_EQ(error("/dev/null"), "http.key_file /dev/null: not a regular file");
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(error(path_), "http.key_file " + path_ + ": not a regular file");
}

}  // namespace
}  // namespace weir
