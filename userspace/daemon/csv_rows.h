#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace weir {

/// A table of numbers in a CSV file (RFC 4180) whose first row names the columns. Read in parts, so that a file may be
/// larger than memory. Errors name the file, the row (the first behind the header is 1) and the column.
class CsvRows {
 public:
  /// `columns`: those to read, in this order; the file may have others, in any order. "-" is standard input.
  [[nodiscard]] static Result<std::unique_ptr<CsvRows>> open(const std::string& path, std::vector<std::string> columns);
  ~CsvRows();
  CsvRows(const CsvRows&) = delete;
  CsvRows& operator=(const CsvRows&) = delete;

  /// The next rows, one after the other, some thousand values; none at the end. A cell that is empty or "nan" is NaN.
  [[nodiscard]] Result<std::vector<double>> read();
  std::uint64_t rows_read() const;

 private:
  struct State;
  explicit CsvRows(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace weir
