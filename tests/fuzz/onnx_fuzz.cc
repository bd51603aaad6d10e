#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "onnx_export.h"
#include "onnx_import.h"

namespace {

constexpr std::size_t kRows = 70;  // more than a register holds

/// The file's own bytes as floats.
std::vector<float> rows_from(const std::uint8_t* data, std::size_t size, std::size_t columns) {
  std::vector<float> rows(kRows * columns);
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::memcpy(&rows[i], data + i * sizeof(float) % (size - sizeof(float) + 1), sizeof(float));
  return rows;
}

std::vector<double> sums(const weir::ColumnForest& forest, const std::vector<float>& rows, weir::DepthPath path) {
  std::vector<double> out(kRows);
  forest.forest().engine().sum(rows, out, path);
  return out;
}

bool is_same(const std::vector<double>& a, const std::vector<double>& b) {
  return std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

}  // namespace

/// What is imported can be scored, on each path the same; what is exported of it comes back as it was.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto imported = weir::forest_from_onnx({data, size});
  if (!imported) return 0;
  const std::vector<float> rows = rows_from(data, size, imported->forest.columns().size());
  const auto expected = sums(imported->forest, rows, weir::DepthPath::kWalk);
  for (const auto path : {weir::DepthPath::kPortable, weir::DepthPath::kAvx2, weir::DepthPath::kAvx512})
    if (imported->forest.forest().engine().is_available(path) && !is_same(sums(imported->forest, rows, path), expected))
      std::abort();
  const auto bytes = weir::forest_to_onnx(imported->forest);
  if (!bytes) return 0;  // values that 32 bits do not hold
  const auto back = weir::forest_from_onnx(*bytes);
  // Names that no file of ours may have (a comma, a line break) are refused where a file is written.
  if (!back) return imported->forest.to_bytes() ? std::abort(), 0 : 0;
  if (!is_same(sums(back->forest, rows, weir::DepthPath::kWalk), expected)) std::abort();
  return 0;
}
