#include "file_bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/unique_fd.h"

namespace weir {
namespace {

auto failed(const std::string& path, const char* doing) {
  const int code = errno;
  return fail(code, path + ": " + doing + ": " + std::strerror(code));
}

[[nodiscard]] Result<void> write_all(int fd, std::span<const std::uint8_t> bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(path, "write");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  if (fsync(fd) != 0) return failed(path, "fsync");
  return {};
}

[[nodiscard]] Result<void> write_and_rename(int fd, std::span<const std::uint8_t> bytes, const std::string& from,
                                            const std::string& to) {
  if (auto ok = write_all(fd, bytes, from); !ok) return ok;
  if (rename(from.c_str(), to.c_str()) != 0) return failed(to, "rename");
  return {};
}

}  // namespace

Result<std::vector<std::uint8_t>> read_file(const std::string& path, std::size_t limit) {
  // Not blocking: opening a FIFO that nobody writes to would wait for ever.
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return failed(path, "open");
  struct stat status {};
  if (fstat(fd.get(), &status) != 0) return failed(path, "stat");
  if (!S_ISREG(status.st_mode)) return fail(EINVAL, path + ": not a regular file");
  if (static_cast<std::uint64_t>(status.st_size) > limit)
    return fail(EFBIG, path + ": larger than " + std::to_string(limit >> 20) + " MiB");

  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(status.st_size));
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t n = read(fd.get(), bytes.data() + size, bytes.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(path, "read");
    if (n == 0) break;  // it shrank meanwhile; whoever parses the bytes will notice
    size += static_cast<std::size_t>(n);
  }
  bytes.resize(size);
  return bytes;
}

Result<void> write_file(const std::string& path, std::span<const std::uint8_t> bytes) {
  const std::string beside = path + ".tmp." + std::to_string(getpid());
  unlink(beside.c_str());  // left by a process that had our number and crashed
  const UniqueFd fd(open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!fd) return failed(beside, "create");
  auto result = write_and_rename(fd.get(), bytes, beside, path);
  if (!result) unlink(beside.c_str());
  return result;
}

}  // namespace weir
