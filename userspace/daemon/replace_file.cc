#include "daemon/replace_file.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/unique_fd.h"

namespace weir {
namespace {

[[nodiscard]] tl::unexpected<Error> failed(const std::string& path) {
  const int code = errno;
  return fail(code, path + ": " + std::strerror(code));
}

bool write_whole(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(fd, text.data(), text.size());
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
  }
  return fsync(fd) == 0;
}

}  // namespace

Result<void> replace_file(const std::string& path, const std::string& text) {
  char target[PATH_MAX];
  struct stat about {};
  if (realpath(path.c_str(), target) == nullptr || stat(target, &about) != 0) return failed(path);
  std::string beside = std::string(target) + ".XXXXXX";
  const UniqueFd fd(mkostemp(beside.data(), O_CLOEXEC));
  if (!fd) return failed(path);
  // The owner first: changing it may take bits of the mode away.
  const bool is_there = fchown(fd.get(), about.st_uid, about.st_gid) == 0 && fchmod(fd.get(), about.st_mode & 07777) == 0 &&
                        write_whole(fd.get(), text) && std::rename(beside.c_str(), target) == 0;
  if (is_there) return {};
  auto error = failed(path);
  unlink(beside.c_str());
  return error;
}

}  // namespace weir
