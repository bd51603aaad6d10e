#include "publish/api_key.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/unique_fd.h"

namespace weir {
namespace {

constexpr std::size_t kShortestKey = 16;
constexpr std::size_t kLongestKey = 1024;

[[nodiscard]] Result<std::string> read_first_line(const std::string& path) {
  // O_NONBLOCK: a FIFO in the key's place must not hold up the start.
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status = {};
  if (!file || ::fstat(file.get(), &status) != 0) return fail(errno, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return fail(EINVAL, "not a regular file");
  if ((status.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) != 0) return fail(EACCES, "open to other users: chmod 640, or 600");
  std::array<char, kLongestKey + 2> text;  // one more than a key, so that a longer one shows, and "\r"
  const ssize_t got = ::read(file.get(), text.data(), text.size());
  if (got < 0) return fail(errno, std::strerror(errno));
  std::string line(text.data(), static_cast<std::size_t>(got));
  line.resize(std::min(line.find('\n'), line.size()));
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

}  // namespace

Result<std::optional<ApiKey>> ApiKey::check(std::string text, const std::string& origin) {
  const auto is_visible = [](char c) { return c > 0x20 && c < 0x7f; };
  if (text.empty()) return fail(0, origin + ": the API key is empty");
  if (text.size() < kShortestKey) return fail(0, origin + ": the API key has fewer than 16 characters");
  if (text.size() > kLongestKey) return fail(0, origin + ": the API key has more than 1024 characters");
  if (!std::all_of(text.begin(), text.end(), is_visible))
    return fail(0, origin + ": the API key has a blank or unprintable character");
  return ApiKey(std::move(text));
}

Result<std::optional<ApiKey>> ApiKey::read(const std::string& key_file) {
  for (const char* name : {"WEIR_API_KEY", "AIOPS_API_KEY"})
    if (const char* text = std::getenv(name)) return check(text, name);
  if (key_file.empty()) return std::nullopt;
  const std::string origin = "http.key_file " + key_file;
  auto line = read_first_line(key_file);
  if (!line) return fail(line.error(), origin);
  return check(*std::move(line), origin);
}

bool ApiKey::matches(std::string_view offered) const {
  // volatile: the compiler must not end the loop at the first difference, which would tell how much was right.
  volatile unsigned difference = offered.size() == text_.size() ? 0 : 1;
  for (std::size_t i = 0; i < offered.size(); ++i)
    difference = difference | static_cast<unsigned char>(offered[i] ^ text_[i % text_.size()]);
  return difference == 0;
}

}  // namespace weir
