#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace weir {

/// A table of numbers in a CSV file (RFC 4180) whose first row names the columns. Read in parts, so that a file may be
/// larger than memory. Errors name the file, the row (the first behind the header is 1) and the column.
class CsvRows {
 public:
  /// Reads the header. "-" is standard input.
  [[nodiscard]] static Result<std::unique_ptr<CsvRows>> open(const std::string& path);
  ~CsvRows();
  CsvRows(const CsvRows&) = delete;
  CsvRows& operator=(const CsvRows&) = delete;

  const std::vector<std::string>& header() const;
  bool has(const std::string& column) const;
  /// The columns to read, in this order; the file may have others, whose cells are not looked at. Once, before read().
  [[nodiscard]] Result<void> select(std::vector<std::string> columns);
  /// And one whose cells are texts.
  [[nodiscard]] Result<void> select_label(const std::string& column);

  /// The next rows, one after the other, some thousand values; none at the end. A cell that is empty or "nan" is NaN.
  [[nodiscard]] Result<std::vector<double>> read();
  /// The label of each row that read() returned last.
  const std::vector<std::string>& labels() const;
  std::uint64_t rows_read() const;

 private:
  struct State;
  explicit CsvRows(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace weir
