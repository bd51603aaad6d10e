#pragma once

#include <cerrno>

#include "base/result.h"

namespace weir {

/// sysexits.h where it has a word for it; documented in weir(8).
enum ExitCode {
  kOk = 0,
  kFailed = 1,
  kUsage = 2,
  kUnavailable = 69,   ///< attach refused: no such interface, another program, a port in use
  kNoPermission = 77,  ///< capabilities are missing
  kBadConfig = 78,     ///< configuration or model that cannot be used
};

/// Of settings that could not be loaded.
inline int settings_exit_code(const Error& error) { return error.code == ENODEV ? kUnavailable : kBadConfig; }

/// Of a start that failed.
inline int start_exit_code(const Error& error) {
  switch (error.code) {
    case EPERM:
    case EACCES:
      return kNoPermission;
    case ENODEV:
    case EBUSY:
    case EEXIST:
    case EADDRINUSE:
    case EADDRNOTAVAIL:
    case EOPNOTSUPP:
      return kUnavailable;
    default:
      return kFailed;
  }
}

}  // namespace weir
