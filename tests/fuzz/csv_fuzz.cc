#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/unique_fd.h"
#include "daemon/csv_rows.h"

/// Any file is whole rows of the columns asked for, or an error; each row has its label.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const weir::UniqueFd file(memfd_create("table", MFD_CLOEXEC));
  if (!file || write(file.get(), data, size) != static_cast<ssize_t>(size)) return 0;
  const auto table = weir::CsvRows::open("/proc/self/fd/" + std::to_string(file.get()));
  if (!table || !(*table)->select({"a", "b"})) return 0;
  const bool has_labels = (*table)->has("label") && (*table)->select_label("label");
  std::size_t values = 0;
  for (;;) {
    const auto rows = (*table)->read();
    if (!rows || rows->empty()) break;
    values += rows->size();
    if (has_labels && (*table)->labels().size() != rows->size() / 2) std::abort();
  }
  if (values % 2 != 0 || values / 2 > (*table)->rows_read()) std::abort();
  return 0;
}
