#include "daemon/write_trouble.h"

#include <fmt/format.h>

#include <cerrno>

namespace weir {
namespace {

const char* remedy_for(int code) {
  switch (code) {
    case ENOSPC:
    case EDQUOT:
      return "; make room there";
    case EACCES:
    case EPERM:
    case EROFS:
      return "; let weir's user write there";
    default:
      return "";
  }
}

}  // namespace

void WriteTrouble::failed(const Error& error) {
  if (times_++ == 0)
    events_.warn(EventKind::kError, fmt::format("{}: {}; {}{}", who_, error.what, meanwhile_, remedy_for(error.code)));
}

void WriteTrouble::succeeded() {
  if (times_ != 0)
    events_.info(EventKind::kError, fmt::format("{}: can be written again, after it failed {} times", who_, times_));
  times_ = 0;
}

}  // namespace weir
