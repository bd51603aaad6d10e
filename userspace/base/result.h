#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace weir {

/// What went wrong, in the caller's words. `code` is an errno, or 0 where the system named none.
struct Error {
  int code = 0;
  std::string what;
};

/// A value or an Error. Every function that returns one is declared [[nodiscard]] (tools/check_source.py).
template <class T>
using Result = tl::expected<T, Error>;

/// `return fail(errno, "attach XDP");` in any function that returns a Result.
[[nodiscard]] inline tl::unexpected<Error> fail(int code, std::string what) {
  return tl::make_unexpected(Error{code, std::move(what)});
}

/// Passes an error on with what was being done at this boundary: "eth0: attach XDP: Operation not permitted".
[[nodiscard]] inline tl::unexpected<Error> fail(const Error& cause, const std::string& doing) {
  return fail(cause.code, doing + ": " + cause.what);
}

}  // namespace weir
